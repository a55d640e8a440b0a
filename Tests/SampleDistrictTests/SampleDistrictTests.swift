// SampleDistrict
