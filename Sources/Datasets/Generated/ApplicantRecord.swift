import CMath

/// One application before it has a label.
struct ApplicantRecord {
  /// A demographic group: how large it is, and how its applications differ.
  struct Group: Sendable {
    let name: String
    let share: Double
    /// Mean of the logarithm of the yearly income in thousands.
    let logIncome: Double
    /// Its standard deviation.
    let incomeSpread: Double
    /// Mean debt as a share of the income.
    let debt: Double
    /// Mean number of late payments.
    let latePayments: Double
    /// Shares of the regions north, east, south, west.
    let regions: [Double]
    /// How strongly the label follows the features: the factor of the logit. Below 1 the labels are
    /// noisier.
    let clarity: Double

    static let all = [
      Group(
        name: "amber", share: 0.70, logIncome: 3.7, incomeSpread: 0.45, debt: 0.35,
        latePayments: 0.8, regions: [0.35, 0.3, 0.2, 0.15], clarity: 1),
      Group(
        name: "birch", share: 0.20, logIncome: 3.45, incomeSpread: 0.5, debt: 0.42,
        latePayments: 1.1, regions: [0.2, 0.2, 0.4, 0.2], clarity: 0.9),
      Group(
        name: "cedar", share: 0.08, logIncome: 3.3, incomeSpread: 0.6, debt: 0.4,
        latePayments: 1.3, regions: [0.1, 0.2, 0.2, 0.5], clarity: 0.75),
      Group(
        name: "dune", share: 0.02, logIncome: 3.9, incomeSpread: 0.75, debt: 0.55,
        latePayments: 1.6, regions: [0.25, 0.25, 0.25, 0.25], clarity: 0.6),
    ]
  }

  /// Where an applicant lives.
  enum Region: String, CaseIterable, Sendable {
    case north
    case east
    case south
    case west
  }

  static let featureCount = 16

  let group: Group
  let groupIndex: Int
  let region: Region
  /// Years, 18…75.
  let age: Int
  /// Thousands a year.
  let income: Double
  /// Debt as a share of the income, 0…2.
  let debt: Double
  /// Years, 0…40.
  let yearsEmployed: Double
  /// Number of open credit lines, 0…12.
  let creditLines: Int
  /// Number of late payments in two years, 0…12.
  let latePayments: Int
  /// Savings in monthly incomes, 0…24.
  let savings: Double
  /// Hours worked a week, 0…70.
  let hours: Double

  /// Draws the lots, in the order of the members.
  init(from lots: inout CounterGenerator) {
    groupIndex = lots.part(of: Group.all.map(\.share))
    group = Group.all[groupIndex]
    region = Region.allCases[lots.part(of: group.regions)]
    // The sum of two triangles' sides leans towards the young.
    age = 18 + Int(58 * (0.6 * lots.uniform() + 0.4 * lots.uniform() * lots.uniform()))
    let experience = Double(age - 18) / 57
    income = cm_exp(group.logIncome + 0.35 * experience + group.incomeSpread * lots.normal())
    debt = min(max(group.debt * cm_exp(0.5 * lots.normal()), 0), 2)
    yearsEmployed = min(Double(age - 18) * lots.uniform(), 40)
    creditLines = min(ApplicantRecord.geometric(mean: 2.5 + 2 * experience, &lots), 12)
    latePayments = min(ApplicantRecord.geometric(mean: group.latePayments, &lots), 12)
    savings = min(cm_exp(0.9 + 0.8 * experience + 0.9 * lots.normal()), 24)
    hours = min(max(39 + 9 * lots.normal(), 0), 70)
  }

  /// 0, 1, 2 … with this mean: ⌊ln u / ln(mean / (1 + mean))⌋.
  private static func geometric(mean: Double, _ lots: inout CounterGenerator) -> Int {
    Int(cm_log(lots.uniform()) / cm_log(mean / (1 + mean)))
  }

  /// The age's slice.
  var ageBand: String {
    age < 30 ? "18-29" : age < 45 ? "30-44" : age < 60 ? "45-59" : "60-75"
  }

  /// The input: eight scaled numbers, then group and region as 0 or 1.
  var features: [Float] {
    [
      Float((Double(age) - 41) / 14), Float((cm_log(income) - 3.8) / 0.55),
      Float((debt - 0.42) / 0.24), Float((yearsEmployed - 11.5) / 10),
      Float((Double(creditLines) - 3.2) / 3.2), Float((Double(latePayments) - 0.9) / 1.4),
      Float((savings - 5.0) / 4.8), Float((hours - 39) / 9),
    ] + Group.all.indices.map { $0 == groupIndex ? 1 : 0 }
      + Region.allCases.map { $0 == region ? 1 : 0 }
  }

  /// The log-odds of `approve`:
  ///
  ///     clarity · (0.4 + 2.6 ln(income / 42) − 5 debt + 0.07 yearsEmployed − 0.95 latePayments
  ///       + 1.6 √savings − 0.09 (creditLines − 4)² − 0.0018 (age − 47)²
  ///       − 1.4 [debt > 0.6 and latePayments > 0] + 1.1 [region is south] (hours − 39) / 9
  ///       + 0.9 [region is west] ln(income / 42))
  var logit: Double {
    let relativeIncome = cm_log(income / 42)
    let lines = Double(creditLines) - 4
    let years = Double(age) - 47
    var sum = 0.4 + 2.6 * relativeIncome - 5 * debt
    sum += 0.07 * yearsEmployed - 0.95 * Double(latePayments) + 1.6 * savings.squareRoot()
    sum -= 0.09 * lines * lines + 0.0018 * years * years
    if debt > 0.6, latePayments > 0 { sum -= 1.4 }
    if region == .south { sum += 1.1 * (hours - 39) / 9 }
    if region == .west { sum += 0.9 * relativeIncome }
    return group.clarity * sum
  }

  /// The probability of `approve`.
  var approval: Double { 1 / (1 + cm_exp(-logit)) }
}
