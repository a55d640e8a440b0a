print("cafsync")
