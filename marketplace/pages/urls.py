from django.urls import path

from marketplace.pages.views import designs, escrow, home, job_new, jobs, people, printers

app_name = "pages"

urlpatterns = [
    path("", home.home, name="home"),
    path("now", home.now, name="now"),
    path("docs/verify", home.verify, name="verify"),
    path("printers", printers.printers, name="printers"),
    path("printers/<str:digest>", printers.printer, name="printer"),
    path("jobs", jobs.jobs, name="jobs"),
    path("jobs/new", job_new.job_new, name="job-new"),
    path("jobs/new/parts", job_new.job_new_parts, name="job-new-parts"),
    path("jobs/new/models/<uuid:design>", job_new.job_new_model, name="job-new-model"),
    path("jobs/new/estimate", job_new.job_new_estimate, name="job-new-estimate"),
    path("jobs/<uuid:job>", jobs.job, name="job"),
    path("jobs/<uuid:job>/withdraw", jobs.withdraw, name="job-withdraw"),
    *(
        path(f"jobs/<uuid:job>/{name}", jobs.section, {"section": name}, name=f"job-{name}")
        for name in jobs.SECTIONS
    ),
    path("agreements/<str:agreement>", escrow.agreement, name="agreement"),
    path("agreements/<str:agreement>/card", escrow.agreement_section, name="agreement-card"),
    path("disputes", escrow.disputes, name="disputes"),
    path("designs/new", designs.design_new, name="design-new"),
    path("designs/<uuid:design>", designs.design, name="design"),
    path("designs/<uuid:design>/delete", designs.design_remove, name="design-delete"),
    path("designs/<uuid:design>/card", designs.design_card, name="design-card"),
    path("designs/<uuid:design>/unit", designs.design_unit, name="design-unit"),
    path("designs/<uuid:design>/apart", designs.design_apart, name="design-apart"),
    path("designs/<uuid:design>/repair", designs.design_repair, name="design-repair"),
    path("designs/<uuid:design>/repair/card", designs.design_repair_card, name="design-repair-card"),
    path("sign-in", people.sign_in, name="sign-in"),
    path("sign-out", people.sign_out, name="sign-out"),
    path("account", people.account, name="account"),
    path("account/escrow", escrow.account, name="escrow"),
    path("account/escrow/purse", escrow.purse, name="purse"),
    path("account/escrow/keys", escrow.keys, name="keys"),
    path("account/escrow/sent", escrow.sent, name="sent"),
    path("account/tokens/<int:token>/revoke", people.revoke, name="token-revoke"),
]
