"""The rules of the application that a user can break; the rules of the money are in `ledger.errors`."""

from __future__ import annotations

from ledger.errors import Refusal


class SourceUnfit(Refusal):
    """An event is made for channels of some sources only."""

    code = "source-unfit"


class ContractThere(Refusal):
    """A contract code is used once."""

    code = "contract-there"


class ContractOfOther(Refusal):
    """A contract belongs to one project; its code begins with the project's."""

    code = "contract-of-other"


class PartUnreadable(Refusal):
    """A part is written channel=amount."""

    code = "part-unreadable"


class PartTwice(Refusal):
    """A channel has one part."""

    code = "part-twice"


class PartsDiffer(Refusal):
    """Parts add up to the amount that is named."""

    code = "parts-differ"


class PartsMissing(Refusal):
    """A contract says what each channel pays."""

    code = "parts-missing"


class ChannelNotInContract(Refusal):
    """A contract is paid by the channels that committed budget to it (渠道不变)."""

    code = "channel-not-in-contract"


class NothingLeft(Refusal):
    """There is something left to certify, to pay, to accept."""

    code = "nothing-left"


class OverContract(Refusal):
    """No more is certified than the contract has left."""

    code = "over-contract"


class AdvanceOverContract(Refusal):
    """An advance is at most what is left of the contract."""

    code = "advance-over-contract"


class OverOwed(Refusal):
    """No more is paid than was certified and is still owed."""

    code = "over-owed"


class CashShort(Refusal):
    """Each channel pays its own part from its own cash; none stands in for another."""

    code = "cash-short"


class RetentionOverCap(Refusal):
    """Retention is at most a share of the settlement, which the policy gives."""

    code = "retention-over-cap"


class OffsetUnfit(Refusal):
    """An offset leaves enough for the retention and takes no more than the advance."""

    code = "offset-unfit"


class ReasonMissing(Refusal):
    """Who splits otherwise than the rule says why."""

    code = "reason-missing"


class ReceiptOverAllotted(Refusal):
    """What arrives was allotted before, or is held apart."""

    code = "receipt-over-allotted"


class TransferOutdated(Refusal):
    """A receipt goes on to the reserve as far as the asset has cost when it is sealed."""

    code = "transfer-outdated"


class BankMissing(Refusal):
    """Money lies in a bank account that may hold its channel."""

    code = "bank-missing"


class BankAmbiguous(Refusal):
    """Where several bank accounts may hold a channel, one is named."""

    code = "bank-ambiguous"


class FactsContradict(Refusal):
    """Of two facts that exclude each other one is given."""

    code = "facts-contradict"


class LotPriced(Refusal):
    """A lot has one price: two prices in one lot would be an average, and no tonne could be followed to the fen."""

    code = "lot-priced"


class LotUnknown(Refusal):
    """Goods leave the store from a lot that has them."""

    code = "lot-unknown"


class ObservationUnreadable(Refusal):
    """An observation is written indicator=numerator/denominator."""

    code = "observation-unreadable"


class OpeningEmpty(Refusal):
    """An opening says what stood there."""

    code = "opening-empty"


class OpeningUnbalanced(Refusal):
    """The opening balances of a channel add up to zero."""

    code = "opening-unbalanced"


class OpeningUnreadable(Refusal):
    """An opening line is written account, channel, amount."""

    code = "opening-unreadable"


class ChannelAmbiguous(Refusal):
    """Where several channels fit, one is named."""

    code = "channel-ambiguous"


class SameChannel(Refusal):
    """What goes from one channel to another has two."""

    code = "same-channel"


class RevisionOverUnreceived(Refusal):
    """What has arrived is not revised away; it goes back as surplus."""

    code = "revision-over-unreceived"


class NotFinished(Refusal):
    """Surplus goes back after acceptance or cancellation, never before."""

    code = "not-finished"


class AlreadyFinished(Refusal):
    """A project is cancelled once, and not after it was accepted."""

    code = "already-finished"


class OverHeld(Refusal):
    """No more goes out than is there for it."""

    code = "over-held"


class PeriodUnfit(Refusal):
    """Interest is for whole days that have passed, each of them once."""

    code = "period-unfit"


class SettlementUnfit(Refusal):
    """A settlement lies between what is certified and what the contract is worth."""

    code = "settlement-unfit"


class BounceUnfit(Refusal):
    """Only a payment can bounce, and no more of it than was paid."""

    code = "bounce-unfit"


class PrefinancingUnknown(Refusal):
    """Repaid is what was pre-financed and is still open."""

    code = "prefinancing-unknown"


class RetentionEarly(Refusal):
    """Retention is released when its term is over."""

    code = "retention-early"


class AdvanceOpen(Refusal):
    """An advance is offset or refunded before a project is cancelled."""

    code = "advance-open"


class AssetUnreadable(Refusal):
    """An asset is written kind=amount:quantity."""

    code = "asset-unreadable"


class AssetsDiffer(Refusal):
    """The assets of an acceptance add up to what the works cost."""

    code = "assets-differ"


class FieldUnknown(Refusal):
    """A draft has the facts of its event and no others."""

    code = "field-unknown"


class BookMissing(Refusal):
    """Where there are several books, one is named."""

    code = "book-missing"


class FolderNotEmpty(Refusal):
    """A site is written into a folder of its own."""

    code = "folder-not-empty"


class LanguagesUnknown(Refusal):
    """Public pages are written in languages that there are, each once."""

    code = "languages-unknown"


class PortBusy(Refusal):
    """A server needs a free port."""

    code = "port-busy"


class DemonstrationOnly(Refusal):
    """What is built for show never becomes a real workspace."""

    code = "demonstration-only"


class BookChanged(Refusal):
    """A book that is not what the record says may name plugins, and is never loaded."""

    code = "book-changed"


class LoginRefused(Refusal):
    """The desk lets in who has a login and its password, and nobody for a while after several wrong ones."""

    code = "login-refused"


class LoginMissing(Refusal):
    """A login that is locked is opened; one that there is not has first to be made."""

    code = "login-missing"


class LoginsUnreadable(Refusal):
    """The file of logins is what the desk wrote."""

    code = "logins-unreadable"


class PasswordWeak(Refusal):
    """A password is long enough, and not one that anybody guesses."""

    code = "password-weak"


class PaperRefused(Refusal):
    """The desk takes photos and PDFs under a plain name, and judges them by their content."""

    code = "paper-refused"


class PageForbidden(Refusal):
    """The desk shows a book to those who have a role in it, and its forms to those whose work they are."""

    code = "page-forbidden"


class HostUnreadable(Refusal):
    """The name under which a proxy shows the desk is a plain host name."""

    code = "host-unreadable"


class PortUnreadable(Refusal):
    """A port is a number from 1 to 65535."""

    code = "port-unreadable"


class EditUnreadable(Refusal):
    """A change of a draft is written field=value."""

    code = "edit-unreadable"


class SealStopped(Refusal):
    """Drafts are sealed one after the other; the first that cannot be sealed stops the rest, which may lean on it."""

    code = "seal-stopped"


class UsageWrong(Refusal):
    """A command is called with the words that it has."""

    code = "usage-wrong"


class ConfirmationMissing(Refusal):
    """What cannot be undone is confirmed by somebody."""

    code = "confirmation-missing"


class FigureUnfit(Refusal):
    """A figure that is followed to its vouchers is one of those that vouchers make."""

    code = "figure-unfit"


# The policy.


class PolicyUnreadable(Refusal):
    """A policy is a file of TOML."""

    code = "policy-unreadable"


class PolicyUnknown(Refusal):
    """A policy's file names numbers, facts and gates that there are."""

    code = "policy-unknown"


class PolicyUnfit(Refusal):
    """A number of the policy is of its kind, and has its unit and its document."""

    code = "policy-unfit"


class ImportChannelUnmapped(Refusal):
    """Money that comes from a file belongs to a channel of the office."""

    code = "import-channel-unmapped"


class ImportUnitUnstated(Refusal):
    """Whether a table counts in yuan or in 万元 is stated by the table, or by the clerk."""

    code = "import-unit-unstated"


class ImportRowUnknown(Refusal):
    """A row that is named is a project's row of the file."""

    code = "import-row-unknown"


class PolicyEmpty(Refusal):
    """A change of the policy changes something."""

    code = "policy-empty"


class PolicyUndocumented(Refusal):
    """A paper shows who decided on a change of the policy."""

    code = "policy-undocumented"


class PolicyJudged(Refusal):
    """What was judged by one policy is not judged again by another."""

    code = "policy-judged"


class AdvanceOverShare(Refusal):
    """Advances are at most a share of the contract's price."""

    code = "advance-over-share"


class ProgressOverShare(Refusal):
    """Before acceptance at most a share of what is certified is paid."""

    code = "progress-over-share"


class PurchaseOverLimit(Refusal):
    """What is not small is bought by a contract."""

    code = "purchase-over-limit"


class CashPaymentOver(Refusal):
    """What is not small is paid through the bank."""

    code = "cash-payment-over"


class CashNotBanked(Refusal):
    """Cash is banked before more of it is taken."""

    code = "cash-not-banked"


class FeeOverCap(Refusal):
    """A channel pays for management at most a share of what it was allotted."""

    code = "fee-over-cap"


class PlanOverCap(Refusal):
    """Households raise at most so much a person and year."""

    code = "plan-over-cap"


class LabourOverCap(Refusal):
    """A labourer gives at most so many workdays a year."""

    code = "labour-over-cap"


class ContractUnprocured(Refusal):
    """A contract that reaches a threshold of the policy has a record of how it was bought."""

    code = "contract-unprocured"


class ContractOverPrice(Refusal):
    """A contract is at most what its procurement came to."""

    code = "contract-over-price"


class WinnerOther(Refusal):
    """A contract is made with who won it."""

    code = "winner-other"


class ItemUnreadable(Refusal):
    """A work item is written code=name:unit:quantity:price, or code=quantity where it is known."""

    code = "item-unreadable"


class ItemUnknown(Refusal):
    """What is measured is in the contract's bill of quantities."""

    code = "item-unknown"


class ItemsMissing(Refusal):
    """A contract with a bill of quantities is changed and certified by its items, one without it is not."""

    code = "items-missing"


class BillDiffers(Refusal):
    """A bill of quantities comes to what the contract is worth."""

    code = "bill-differs"


class OverMeasured(Refusal):
    """Of an item no more is measured than was agreed."""

    code = "over-measured"


class StatementOfOther(Refusal):
    """A statement is of the bank account that it is reconciled with."""

    code = "statement-of-other"


class StatementGap(Refusal):
    """A statement goes on from where the last one ended."""

    code = "statement-gap"


class MatchUnfit(Refusal):
    """What a person matches by hand is open on both sides, and both come to the same sum (`about` is ``sums``).

    `about` is ``nothing`` where nothing was chosen.
    """

    code = "match-unfit"


class ReconciliationMoved(Refusal):
    """Of a reconciliation just that is recorded which was looked at."""

    code = "reconciliation-moved"


class StatementBefore(Refusal):
    """A reconciliation goes until the last line at least, and not beyond today."""

    code = "statement-before"


class ImportMoved(Refusal):
    """A file is taken with what was said of it when it was looked at."""

    code = "import-moved"


class ImportStatement(Refusal):
    """A bank's statement is reconciled with the books; no project comes of it."""

    code = "import-statement"


class ListRowUnfit(Refusal):
    """A row of a survey names an indicator, a place of the book's village, counts and a day; `about` says which not."""

    code = "list-row-unfit"


class ListReceiptUnfit(Refusal):
    """What households of a list paid is received for a project; `about` says what stands against it."""

    code = "list-receipt-unfit"


class LedgerAccountUnfit(Refusal):
    """An account of a ledger has a project, a role and a channel here, or is left out; `about` says why not."""

    code = "ledger-account-unfit"


# The life of a project.


class TypesUnfit(Refusal):
    """Types of projects are a file of TOML, each with its names."""

    code = "types-unfit"


class PublicationUnfit(Refusal):
    """Who publishes is written in the settings as the standards ask for it."""

    code = "publication-unfit"


class AddressUnfit(Refusal):
    """Notices lie under an address of the web; what the office has set for all is not set otherwise for one book."""

    code = "address-unfit"


class PlaceUnfit(Refusal):
    """A place is a geometry of GeoJSON in WGS 84, in the country, with closed rings."""

    code = "place-unfit"


class CountUnreadable(Refusal):
    """People, households and days are counted by whole numbers."""

    code = "count-unreadable"


class GroupUnreadable(Refusal):
    """Beneficiaries are named and counted."""

    code = "group-unreadable"


class EntryLacks(Refusal):
    """No project goes into the library without what the library asks for (国开办发〔2018〕10号)."""

    code = "entry-lacks"


class AlreadyTold(Refusal):
    """What happens once is recorded once."""

    code = "already-told"


class PaperMissing(Refusal):
    """What is decided, measured, put up or handed over has its paper."""

    code = "paper-missing"


class CountsUnfit(Refusal):
    """Of those who are due some are present, and of those some are in favour."""

    code = "counts-unfit"


class FormMissing(Refusal):
    """A villagers' resolution says who met: adults, households or representatives."""

    code = "form-missing"


class StepEarly(Refusal):
    """Steps are taken in their order."""

    code = "step-early"


class NoticeUnfit(Refusal):
    """A notice is put up somewhere, once at a time, and comes down with every objection answered."""

    code = "notice-unfit"


class NoticeIncomplete(Refusal):
    """A notice is published with everything that the rules want on it."""

    code = "notice-incomplete"


class NoticeSame(Refusal):
    """A notice takes the place of an earlier one only where it says something else."""

    code = "notice-same"


class NoticeUnsent(Refusal):
    """At the desk a notice is published by who has looked at it, and where the office's key was opened."""

    code = "notice-unsent"


class NoticeUnsigned(Refusal):
    """The files of a notice carry its proof under a signed checkpoint."""

    code = "notice-unsigned"


class PageUnproved(Refusal):
    """A page is checked with the proof of its book."""

    code = "page-unproved"


class GlyphMissing(Refusal):
    """A paper shows every character of its text; the fonts that came with the set-up lack one."""

    code = "glyph-missing"


class SayUnreadable(Refusal):
    """What only the writer of a notice knows is said by field."""

    code = "say-unreadable"


class InspectionUnfit(Refusal):
    """An inspection passes with a keeper, or says by when what is wrong is mended."""

    code = "inspection-unfit"


class FinalDiffers(Refusal):
    """Final accounts say what the ledger says."""

    code = "final-differs"


class ReasonNeeded(Refusal):
    """A change changes something."""

    code = "reason-needed"


class GateShut(Refusal):
    """An event waits until its gates are passed."""

    code = "gate-shut"


class MeasuredDiffers(Refusal):
    """What is accepted is what was measured."""

    code = "measured-differs"


class ProjectLeft(Refusal):
    """A project that left or is closed, and a channel that was recalled, take on nothing new."""

    code = "project-left"


class MilestoneUnknown(Refusal):
    """A milestone is planned before it is met."""

    code = "milestone-unknown"


class PhotoUnfit(Refusal):
    """Photos of one spot are taken from one spot."""

    code = "photo-unfit"


class ReviewUnfit(Refusal):
    """A quarter that is over is reviewed once, with a verdict that says what follows."""

    code = "review-unfit"


class DivisionUnfit(Refusal):
    """A village's division code has 12 digits, each part in its range."""

    code = "division-unfit"


class DivisionTaken(Refusal):
    """A division code is that of one village."""

    code = "division-taken"


class HamletUnfit(Refusal):
    """A hamlet is counted, and merged once."""

    code = "hamlet-unfit"


# Indicators, exits.


class CountyFileUnfit(Refusal):
    """A county's own data file has the shape of the one that is shipped."""

    code = "county-file-unfit"


class IndicatorLevel(Refusal):
    """An indicator is observed where it is counted: some of a whole village only."""

    code = "indicator-level"


# The rules of a channel.


class RuleUnfit(Refusal):
    """A channel's rule fits together, and says what its way of support needs."""

    code = "rule-unfit"


class PurposeUnfit(Refusal):
    """A channel serves the types of projects and the places that it was given for (专款专用)."""

    code = "purpose-unfit"


class PurposeForbidden(Refusal):
    """What is on a channel's negative list is not paid from it."""

    code = "purpose-forbidden"


class CategoryMissing(Refusal):
    """Where a channel has a negative list of categories, spending says its own."""

    code = "category-missing"


class ChannelOutOfDate(Refusal):
    """A channel is used between its days."""

    code = "channel-out-of-date"


class CarryingUnfit(Refusal):
    """What was not spent at the end of a year is used again only as the channel's rule lets it."""

    code = "carrying-unfit"


class RewardEarly(Refusal):
    """以奖代补 is paid out after acceptance."""

    code = "reward-early"


class AheadOfShare(Refusal):
    """民办公助 does not run ahead of its share of the whole."""

    code = "ahead-of-share"


class AheadOfPartner(Refusal):
    """A match is paid in step with its partner."""

    code = "ahead-of-partner"


class ClaimsUnfit(Refusal):
    """A file of claims is TOML with sums, products and facilities."""

    code = "claims-unfit"


class YearUnreadable(Refusal):
    """A year has four digits."""

    code = "year-unreadable"


# Payees.


class PayeeThere(Refusal):
    """A code names one payee, and a payee has one code."""

    code = "payee-there"


class PayeeUnknown(Refusal):
    """A payee is registered before it is named."""

    code = "payee-unknown"


class IdentifierUnfit(Refusal):
    """An identifier keeps its standard, to the check character."""

    code = "identifier-unfit"


class AccountUnreadable(Refusal):
    """The number of a bank account has 8 to 30 digits."""

    code = "account-unreadable"


class AccountMissing(Refusal):
    """Money goes to a payee into an account that is registered."""

    code = "account-missing"


class AccountApproved(Refusal):
    """An account is approved once."""

    code = "account-approved"


class AccountOwn(Refusal):
    """Who entered an account does not approve it."""

    code = "account-own"


class AccountDiffers(Refusal):
    """Two people read the same number off the paper."""

    code = "account-differs"


class AccountUnapproved(Refusal):
    """Nothing is paid into an account before a second person approved it."""

    code = "account-unapproved"


class AccountChanged(Refusal):
    """A payment goes into the account that it was drafted for."""

    code = "account-changed"


class PayeeOther(Refusal):
    """A contract is paid to whom it was made with."""

    code = "payee-other"


class PayeeNeeded(Refusal):
    """From the amount on that the policy gives, a payee of the register is paid."""

    code = "payee-needed"


# Invoices.


class InvoiceUnfit(Refusal):
    """An invoice is named by twenty digits, or by code and number."""

    code = "invoice-unfit"


class InvoiceTwice(Refusal):
    """A payment names an invoice once."""

    code = "invoice-twice"


class InvoiceThere(Refusal):
    """An invoice is registered once in the whole office."""

    code = "invoice-there"


class InvoiceUnknown(Refusal):
    """An invoice is registered before it is paid."""

    code = "invoice-unknown"


class InvoiceUndocumented(Refusal):
    """An invoice is a paper."""

    code = "invoice-undocumented"


class InvoiceOfOther(Refusal):
    """An invoice is paid to its seller."""

    code = "invoice-of-other"


class InvoiceOverpaid(Refusal):
    """One invoice is paid once: in parts up to its amount, over all books."""

    code = "invoice-overpaid"


class InvoicePartsDiffer(Refusal):
    """What a payment pays of its invoices adds up to the payment."""

    code = "invoice-parts-differ"


class InvoiceNeeded(Refusal):
    """From the amount on that the policy gives, a payment has an invoice."""

    code = "invoice-needed"


# Micro-loans.


class LoanOutsidePolicy(Refusal):
    """A micro-loan is paid out while its policy holds."""

    code = "loan-outside-policy"


class LoanOverLimit(Refusal):
    """What a person owes in micro-loans stays below the policy's limit."""

    code = "loan-over-limit"


class LoanTermUnfit(Refusal):
    """A micro-loan runs no longer than the policy lets it."""

    code = "loan-term-unfit"


class LoanAgeUnfit(Refusal):
    """Who borrows is of the age that the policy names."""

    code = "loan-age-unfit"


class LoanRateUnfit(Refusal):
    """No more interest is subsidised than is paid."""

    code = "loan-rate-unfit"


class LoanPurposeForbidden(Refusal):
    """A micro-loan is for production."""

    code = "loan-purpose-forbidden"


class RepaymentUnfit(Refusal):
    """No more is paid back than is owed, and not before it was lent."""

    code = "repayment-unfit"


class SubsidyUnfit(Refusal):
    """Of a loan's subsidy what is due is paid, once, from a channel of interest subsidies."""

    code = "subsidy-unfit"


class StatementUnknown(Refusal):
    """A statement is one of those that are drawn up."""

    code = "statement-unknown"
