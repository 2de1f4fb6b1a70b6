{{ compare_records(
    desired=ref('[[ name.target ]]'),
    held=ref('[[ target.model ]]'),
    agreed=source('ledger', '[[ name.agreed ]]')
) }}
