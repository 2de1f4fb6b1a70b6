{{ changes(ref('compare_finops__customers')) }}
