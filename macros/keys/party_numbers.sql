{# The number that each account and contact has in Sales, and the table of F&O that it is written to. #}
{% macro party_numbers() -%}
    select
        'account' as party_type,
        accountid as party_id,
        owningbusinessunit,
        accountnumber as number,
        'customers' as record_table,
        deleted_at is null as is_alive
    from {{ ref('stg_sales__accounts') }}
    union all
    select
        'contact' as party_type,
        contactid as party_id,
        owningbusinessunit,
        msdynce_contactnumber as number,
        {{ contact_table('contacts') }} as record_table,
        deleted_at is null as is_alive
    from {{ ref('stg_sales__contacts') }} as contacts
{%- endmacro %}

{# The number of each party's record in each table of F&O where a pair is known. #}
{% macro party_links() -%}
    select
        'account' as party_type,
        'customers' as record_table,
        source_key,
        substring(record_key, position('/' in record_key) + 1) as number,
        seen_at
    from ({{ written_links('finops', 'accounts') }}) as accounts
    where record_key is not null
    union all
    select
        'contact' as party_type,
        'contact_persons' as record_table,
        source_key,
        {{ json_text('key_values', 'ContactPersonPartyNumber') }} as number,
        seen_at
    from ({{ written_links('finops', 'contacts') }}) as persons
    -- The contact person of a customer that the contact has left has that one in its source key.
    where
        {{ json_text('key_values', 'ContactPersonPartyNumber') }} is not null
        and split_part(source_key, '/', 3) = ''
    union all
    select
        'contact' as party_type,
        'customers' as record_table,
        source_key,
        substring(record_key, position('/' in record_key) + 1) as number,
        seen_at
    from ({{ written_links('finops', 'contacts_to_customers') }}) as customers
    where record_key is not null
{%- endmacro %}

{# Beside each party the pair of the table it is written to, else the newest of another one: a contact that
   turns customer keeps its number (C7). #}
{% macro newest_party_links(parties) -%}
    select
        party_type,
        source_key,
        number,
        is_here
    from (
        select
            links.*,
            coalesce(links.record_table = parties.record_table, false) as is_here,
            row_number() over (
                partition by links.party_type, links.source_key
                order by
                    coalesce(links.record_table = parties.record_table, false) desc, links.seen_at desc, links.number
            ) as newest
        from ({{ party_links() }}) as links
        inner join {{ parties }} as parties
            on links.party_type = parties.party_type and split_part(links.source_key, '/', 2) = parties.party_id
        where not {{ decided_different("case links.party_type when 'account' then 'customers' else 'contacts' end",
            'parties.party_id', "split_part(links.source_key, '/', 1)", 'links.number') }}
    ) as links
    where newest = 1
{%- endmacro %}
