{{ changes(ref('compare_finops__contact_persons')) }}
