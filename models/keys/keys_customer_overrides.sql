{% set pairs %}
    select
        account_id as party_id,
        data_area_id,
        account_number as number,
        is_alive
    from ({{ account_companies() }}) as accounts
{% endset %}
{% set customers %}
    select
        data_area_id,
        customer_account as number
    from {{ ref('stg_finops__customers') }}
    where deleted_at is null
{% endset %}

select
    party_id as account_id,
    data_area_id,
    seed_row,
    number as customer_account,
    problem
from (
    {{ party_overrides('customers', 'account', 'customer', pairs, customers) }}
) as overrides
