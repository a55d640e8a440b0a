// CaseRecords
