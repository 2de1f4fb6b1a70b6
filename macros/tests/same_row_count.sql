{# No row is lost or doubled on the way from one model to another. #}
{% test same_row_count(model, of) %}
select here.n as rows_here, there.n as rows_there
from (select count(*) as n from {{ model }}) as here
cross join (select count(*) as n from {{ of }}) as there
where here.n <> there.n
{% endtest %}
