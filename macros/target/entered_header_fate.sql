{# What keeps the header of a quote or an order back from F&O. #}

{# Reasons that keep a header back: its number, its currency, its country, one of its lines. #}
{% macro entered_header_reasons(number_column, finops_name, more=[]) -%}
    {{ reasons([
        reason('number_too_long', number_column, 'documents.document_number',
            "'A number of a " ~ finops_name ~ " in F&O has at most 20 characters: this one cannot be sent.'",
            'length(documents.document_number) > 20'),
        reason('no_number', number_column, 'documents.document_name',
            "'The document has no number.'", 'documents.document_number is null'),
        currency_reason('documents.currency_id', 'documents.currency_code'),
        country_reason('shipto_country', 'documents.delivery_country', 'documents.delivery_country_iso2'),
    ] + terms_reasons('documents') + more) }}
{%- endmacro %}

{# F&O has a document of that number that nothing shows to be this one (O9). #}
{% macro number_taken_reason(number_column, noun, customer, remedy, when) -%}
    {{ reason('number_taken', number_column, 'documents.document_number',
        "'F&O has " ~ noun ~ " with this number in ' || documents.data_area_id || ', of the customer ' || coalesce("
        ~ customer ~ ", '(blank)') || ', and nothing shows that the two are one: both are left alone. Give one"
        " of them another number; if they are one, " ~ remedy ~ ".'", when) }}
{%- endmacro %}

{# What keeps a header back for a while: a customer that is not there, a line that cannot be sent. #}
{% macro entered_header_blocked() -%}
    case
        when documents.customer_account is null and documents.customer_question is not null
            then 'its customer waits for a decision: ' || documents.customer_question
        when documents.customer_account is null and documents.customer_companies is not null
            then 'its customer ' || documents.account_elsewhere || ' is one of ' || documents.customer_companies
                || ', and the document is one of ' || documents.data_area_id || ': give it an owner in a business'
                || ' unit of ' || documents.customer_companies || ', or add a row for the business unit of the'
                || ' customer and ' || documents.data_area_id || ' to the seed legal_entities'
        when documents.customer_account is null
            then 'its customer is none in ' || documents.data_area_id || ': it has no usable number there'
        when customers.p2c_reasons is not null and customers.p2c_reasons <> '[]' and not documents.is_customer_in_finops
            then 'its customer ' || documents.customer_account || ' is rejected'
        when not documents.is_customer_in_finops and customers.p2c_source_key is null
            then 'its customer ' || documents.customer_account || ' is not in F&O'
        when lines.broken_line is not null
            then 'its line ' || lines.broken_line || ' cannot be sent'
    end
{%- endmacro %}

{# Per document, the first line that F&O could not take, and the number of lines. #}
{% macro line_problems(lines) -%}
    select
        document_id,
        count(*) as line_count,
        min(case when cannot_be_sent then coalesce(cast(line_number as varchar), '?') end) as broken_line
    from {{ lines }}
    where not is_deleted
    group by document_id
{%- endmacro %}

{# The customers' target rows that a document can refer to, of accounts and of contacts. #}
{% macro customer_targets() -%}
    select "dataAreaId", "CustomerAccount", "SiteId", "WarehouseId", p2c_source_key, p2c_reasons
    from {{ ref('target_finops__customers') }}
    where "CustomerAccount" is not null and not p2c_deleted
    union all
    select "dataAreaId", "CustomerAccount", "SiteId", "WarehouseId", p2c_source_key, p2c_reasons
    from {{ ref('target_finops__contact_customers') }}
    where "CustomerAccount" is not null and p2c_filtered is null and not p2c_deleted
{%- endmacro %}
