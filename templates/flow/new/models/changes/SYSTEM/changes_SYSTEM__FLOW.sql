{{ changes(ref('[[ name.compare ]]')) }}
