{# Pairs that need no comparing, from seeds, staging and links alone: what `keys` makes of them reads the
   candidates, and so cannot be asked here. #}

{# Whether a person said that a record of Sales is not one of F&O. #}
{% macro decided_different(entity, sales_id, data_area_id, finops_key) -%}
    exists (
        select 1
        from {{ ref('stg_seeds__key_overrides') }} as denied
        where
            denied.decision = 'different'
            and denied.entity = {{ entity }}
            and denied.sales_id = {{ sales_id }}
            and coalesce(denied.data_area_id, {{ data_area_id }}) = {{ data_area_id }}
            and lower(denied.finops_key) = lower({{ finops_key }})
    )
{%- endmacro %}

{# What a person paired. #}
{% macro known_by_override() -%}
    select
        'customers' as entity,
        'customers' as record_table,
        data_area_id,
        account_id as sales_id,
        customer_account as finops_key
    from {{ ref('keys_customer_overrides') }}
    where problem is null
    union all
    select
        'contacts' as entity,
        persons.record_table,
        overrides.data_area_id,
        overrides.contact_id as sales_id,
        overrides.party_number as finops_key
    from {{ ref('keys_contact_overrides') }} as overrides
    inner join ({{ finops_persons() }}) as persons
        on
            overrides.data_area_id = persons.data_area_id
            and lower(overrides.party_number) = lower(persons.number)
    where overrides.problem is null
    union all
    select
        'products' as entity,
        'products' as record_table,
        '' as data_area_id,
        product_id as sales_id,
        product_key as finops_key
    from {{ ref('keys_product_overrides') }}
    where problem is null
{%- endmacro %}

{# What a flow wrote, or found to agree. #}
{% macro known_by_link() -%}
    select
        case party_type when 'account' then 'customers' else 'contacts' end as entity,
        record_table,
        split_part(source_key, '/', 1) as data_area_id,
        split_part(source_key, '/', 2) as sales_id,
        number as finops_key
    from ({{ party_links() }}) as parties
    union all
    select
        'products' as entity,
        'products' as record_table,
        '' as data_area_id,
        record_id as sales_id,
        source_key as finops_key
    from ({{ written_links('sales', 'products', 'products') }}) as products
{%- endmacro %}

{# The same number in both, where the other system says that the record came from here (A3, C4). Of products the
   number alone is the key (P1). #}
{% macro known_by_number() -%}
    select
        'customers' as entity,
        'customers' as record_table,
        customers.data_area_id,
        accounts.account_id as sales_id,
        customers.customer_account as finops_key
    from ({{ account_companies() }}) as accounts
    inner join {{ ref('stg_finops__customers') }} as customers
        on
            accounts.data_area_id = customers.data_area_id
            and lower(accounts.account_number) = lower(customers.customer_account)
    where accounts.is_alive and customers.deleted_at is null and customers.is_externally_maintained = 'Yes'
    union all
    select
        'contacts' as entity,
        persons.record_table,
        persons.data_area_id,
        contacts.contact_id as sales_id,
        persons.number as finops_key
    from ({{ contact_companies() }}) as contacts
    inner join ({{ finops_persons() }}) as persons
        on
            contacts.data_area_id = persons.data_area_id
            and lower(contacts.contact_number) = lower(persons.number)
    where contacts.is_alive and persons.is_ours
    union all
    select
        'products' as entity,
        'products' as record_table,
        '' as data_area_id,
        min(sales.productid) as sales_id,
        released.product_number as finops_key
    from {{ ref('stg_sales__products') }} as sales
    inner join (
        select distinct product_number
        from {{ ref('stg_finops__sellable_released_products') }}
        where deleted_at is null
    ) as released on lower(sales.productnumber) = lower(released.product_number)
    where sales.deleted_at is null
    group by released.product_number
    having count(*) = 1
{%- endmacro %}

{# The known pairs by the key in one system, with that in the other. #}
{% macro match_known_keys(key, other_key) -%}
    select
        entity,
        record_table,
        data_area_id,
        {{ key }} as record_key,
        min({{ other_key }}) as other_key
    from {{ ref('match_known') }}
    group by entity, record_table, data_area_id, {{ key }}
{%- endmacro %}
