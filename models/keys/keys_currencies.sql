select
    upper(isocurrencycode) as currency_code,
    min(transactioncurrencyid) as currency_id,
    min(currencyprecision) as currency_precision
from {{ ref('stg_sales__transactioncurrencies') }}
where deleted_at is null
group by upper(isocurrencycode)
