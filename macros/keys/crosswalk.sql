{# The records that are pairs now, in one shape, with the flows that write them: record_key is the one that the
   ledger knows. #}
{% macro crosswalk_pairs() -%}
    select
        'customers' as entity,
        account_id as sales_id,
        data_area_id,
        'customers' as finops_table,
        customer_account as finops_key,
        matched_by,
        data_area_id || '/' || account_id as source_key,
        data_area_id || '/' || customer_account as record_key
    from {{ ref('keys_customers') }}
    where is_in_finops and is_alive
    union all
    select
        'contacts' as entity,
        contacts.contact_id as sales_id,
        contacts.data_area_id,
        persons.record_table as finops_table,
        persons.number as finops_key,
        contacts.matched_by,
        contacts.data_area_id || '/' || contacts.contact_id as source_key,
        contacts.data_area_id || '/' || persons.number as record_key
    from {{ ref('keys_contacts') }} as contacts
    inner join ({{ finops_persons() }}) as persons
        on contacts.data_area_id = persons.data_area_id and lower(contacts.party_number) = lower(persons.number)
    where contacts.is_alive
    union all
    select
        'products' as entity,
        keys.product_id as sales_id,
        null as data_area_id,
        'products' as finops_table,
        keys.product_number as finops_key,
        keys.matched_by,
        keys.product_number as source_key,
        keys.product_id as record_key
    from {{ ref('keys_products') }} as keys
    inner join {{ ref('stg_sales__products') }} as products
        on keys.product_id = products.productid and products.deleted_at is null
    inner join (
        select distinct product_number
        from {{ ref('stg_finops__sellable_released_products') }}
        where deleted_at is null
    ) as released on keys.product_number = released.product_number
{%- endmacro %}

{# When the ledger saw each pair first and last, and whether a run made the one for the other. A contact person's
   record_key has the customer behind its number. #}
{% macro crosswalk_events() -%}
    select
        entity,
        finops_table,
        source_key,
        lower(record_key) as record_key,
        min(first_seen) as first_seen,
        max(last_seen) as last_seen,
        bool_or(is_create) as is_created
    from (
        {%- for event in ['writes', 'links'] %}
        select
            case flow when 'accounts' then 'customers' when 'products' then 'products' else 'contacts' end as entity,
            case flow when 'contacts' then 'contact_persons' when 'products' then 'products' else 'customers' end
                as finops_table,
            source_key,
            case flow
                when 'products' then record_id
                when 'contacts' then split_part(record_key, '/', 1) || '/' || split_part(record_key, '/', 2)
                else record_key
            end as record_key,
            {%- if event == 'writes' %}
            coalesce(finished_at, sent_at) as first_seen,
            coalesce(finished_at, sent_at) as last_seen,
            operation = 'create' as is_create
            {%- else %}
            first_seen,
            coalesce(ended_at, changed_at) as last_seen,
            false as is_create
            {%- endif %}
        from {{ source('ledger', event) }}
        where
            flow in ('accounts', 'contacts', 'contacts_to_customers', 'products')
            and entity_set <> 'productpricelevels'
            {%- if event == 'writes' %}
            and operation in ('create', 'update') and status in ('acknowledged', 'verified')
            {%- endif %}
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    ) as events
    group by entity, finops_table, source_key, lower(record_key)
{%- endmacro %}

{# What the rules said of a pair when it was last compared: of one that is known since, what they said before. #}
{% macro crosswalk_evidence() -%}
    select
        entity,
        finops_table,
        coalesce(data_area_id, '') as data_area_id,
        sales_id,
        finops_key,
        arg_max(score, seen_at) as score,
        arg_max(evidence, seen_at) as evidence
    from (
        {%- for entity in ['customers', 'contacts', 'products'] %}
        select
            '{{ entity }}' as entity,
            finops_table,
            data_area_id,
            sales_id,
            finops_key,
            score,
            evidence,
            now() as seen_at
        from {{ ref('match_' ~ entity) }}
        union all
        {%- endfor %}
        select
            entity,
            finops_table,
            data_area_id,
            sales_id,
            finops_key,
            score,
            evidence,
            seen_at
        from {{ source('ledger', 'matches') }}
    ) as candidates
    group by entity, finops_table, coalesce(data_area_id, ''), sales_id, finops_key
{%- endmacro %}
