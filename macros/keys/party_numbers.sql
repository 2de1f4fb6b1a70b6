{# The number that each account and contact has in Sales. #}
{% macro party_numbers() -%}
    select
        'account' as party_type,
        accountid as party_id,
        owningbusinessunit,
        accountnumber as number,
        deleted_at is null as is_alive
    from {{ ref('stg_sales__accounts') }}
    union all
    select
        'contact' as party_type,
        contactid as party_id,
        owningbusinessunit,
        msdynce_contactnumber as number,
        deleted_at is null as is_alive
    from {{ ref('stg_sales__contacts') }}
{%- endmacro %}

{# The number of each party's record in F&O where a pair is known: the newest word of all its flows. #}
{% macro party_links() -%}
    select
        party_type,
        source_key,
        number
    from (
        select
            *,
            row_number() over (partition by party_type, source_key order by seen_at desc, number) as newest
        from (
            select
                'account' as party_type,
                source_key,
                substring(record_key, position('/' in record_key) + 1) as number,
                seen_at
            from ({{ written_links('finops', 'accounts') }}) as accounts
            union all
            select
                'contact' as party_type,
                source_key,
                {{ json_text('key_values', 'ContactPersonPartyNumber') }} as number,
                seen_at
            from ({{ written_links('finops', 'contacts') }}) as persons
            union all
            select
                'contact' as party_type,
                source_key,
                substring(record_key, position('/' in record_key) + 1) as number,
                seen_at
            from ({{ written_links('finops', 'contacts_to_customers') }}) as customers
        ) as links
        where number is not null
    ) as links
    where newest = 1
{%- endmacro %}
