{# Lines that F&O has in a quotation that is to be as its quote, and the quote has not: the active revision
   is what counts, whichever revision brought the line and whether or not that was ever read (Q5). #}
{% macro surplus_quotation_lines() -%}
    select
        held.data_area_id,
        held.sales_quotation_number as document_number,
        held.line_creation_sequence_number as line_number,
        headers.p2c_record_key as document_key
    from {{ ref('stg_finops__sales_quotation_lines') }} as held
    inner join {{ ref('target_finops__sales_quotation_headers') }} as headers
        on
            held.data_area_id = headers."dataAreaId"
            and held.sales_quotation_number = headers."SalesQuotationNumber"
    left join {{ ref('quotation_lines') }} as lines
        on
            headers.p2c_source_key = lines.document_id
            and held.line_creation_sequence_number = lines.line_number
    where
        held.deleted_at is null
        and lines.line_id is null
        and not ({{ has_no_number('held.line_creation_sequence_number') }})
        and not headers.p2c_deleted
        and headers.p2c_filtered is null
        and headers.p2c_blocked is null
        and headers.p2c_reasons = '[]'
{%- endmacro %}
