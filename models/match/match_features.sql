{{ config(materialized="table") }}

with both_sides as (
    select * from {{ ref('match_sales_records') }}
    union all
    select * from {{ ref('match_finops_records') }}
),

-- Where nothing asks for a pair nothing is compared.
asked as (
    select distinct
        entity,
        data_area_id
    from both_sides
    where is_to_match
),

records as (
    select
        both_sides.*,
        row_number() over (
            order by
                both_sides.side, both_sides.entity, both_sides.record_table, both_sides.data_area_id,
                both_sides.record_key
        ) as record_no
    from both_sides
    inner join asked on both_sides.entity = asked.entity and both_sides.data_area_id = asked.data_area_id
    where
        both_sides.is_to_match
        or (
            both_sides.side <> {{ match_source_side('both_sides.entity') }}
            and not exists (
                select 1
                from {{ ref('match_known') }} as known
                where
                    known.is_copy
                    and both_sides.entity = known.entity
                    and both_sides.record_table = known.record_table
                    and both_sides.data_area_id = known.data_area_id
                    and lower(both_sides.record_key) = lower(known.finops_key)
            )
        )
),

known_words as (
    select
        kind,
        {{ match_plain('word') }} as word,
        min({{ match_plain('meaning') }}) as meaning
    from {{ ref('stg_seeds__match_words') }}
    group by kind, {{ match_plain('word') }}
),

split as (
    {{ match_split('records', ['name', 'parent_name', 'street']) }}
),

-- A legal form says something of a company's name only, a nickname of a person's, `&` of a name.
words as (
    select
        split.record_no,
        split.field,
        split.place,
        coalesce(short.meaning, nick.meaning, split.word) as word,
        left_out.word is null as is_kept
    from split
    left join known_words as short on short.kind = 'abbreviation' and split.word = short.word
    left join known_words as nick
        on
            nick.kind = 'nickname' and split.word = nick.word
            and split.entity = 'contacts' and split.field = 'name'
    left join (
        select * from known_words where kind in ('legal_form', 'filler')
    ) as left_out
        on
            split.word = left_out.word and split.field <> 'street'
            and (
                split.field = 'parent_name' or split.entity = 'customers'
                or (split.entity = 'products' and left_out.kind = 'filler')
            )
),

texts as (
    select
        record_no,
        field,
        {{ match_joined_words('word', 'is_kept', 'place') }} as text
    from words
    group by record_no, field
),

prepared as (
    select
        records.record_no,
        records.side,
        records.entity,
        records.record_table,
        records.data_area_id,
        records.record_key,
        records.written_to,
        records.known_key,
        names.text as plain_name,
        {{ match_figures('names.text') }} as figures,
        {{ match_code('records.number') }} as number,
        {{ match_sorted('names.text') }} as name,
        {{ match_sorted('parents.text') }} as parent_name,
        {{ match_email('records.email') }} as email,
        {{ match_phone('records.phone') }} as phone,
        {{ match_code('records.tax_number') }} as tax_number,
        {{ match_postal_code('records.postal_code') }} as postal_code,
        streets.text as street,
        {{ match_plain('records.town') }} as town
    from records
    left join texts as names on records.record_no = names.record_no and names.field = 'name'
    left join texts as parents on records.record_no = parents.record_no and parents.field = 'parent_name'
    left join texts as streets on records.record_no = streets.record_no and streets.field = 'street'
),

complete as (
    select
        prepared.*,
        case when free.word is null then {{ match_domain('prepared.email') }} end as domain
    from prepared
    left join (
        select word from {{ ref('stg_seeds__match_words') }} where kind = 'free_mail'
    ) as free on {{ match_domain('prepared.email') }} = free.word
)

{{ match_counted('complete') }}
