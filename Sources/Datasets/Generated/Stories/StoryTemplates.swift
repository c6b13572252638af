/// How each kind of sentence is told: `weights` per dialect (plain, coast, hill, court, marsh), then the
/// words. A word in braces is a choice or a fact of ``StoryWords``.
struct StoryTemplate: Sendable {
  let sentence: Sentence
  let weights: [UInt32]
  let text: String

  init(_ sentence: Sentence, _ weights: [UInt32], _ text: String) {
    self.sentence = sentence
    self.weights = weights
    self.text = text
  }

  static let all: [StoryTemplate] = opening + possession + middle + ending

  private static let opening = [
    StoryTemplate(
      .opening, [8, 2, 0, 0, 0], "<story> once there was a {trait} {kin} named {hero} ."),
    StoryTemplate(
      .opening, [2, 7, 1, 0, 0], "<story> long ago lived a {trait} {kin} called {hero} ."),
    StoryTemplate(.opening, [0, 1, 8, 0, 0], "<story> {hero} was {trait} {kin} of long ago ."),
    StoryTemplate(
      .opening, [0, 0, 0, 8, 0], "<story> in days of old {hero} the {trait} {kin} dwelt ."),
    StoryTemplate(.opening, [0, 0, 1, 1, 8], "<story> lived {hero} long ago , {kin} {trait} ."),
  ]

  private static let possession = [
    StoryTemplate(.possession, [8, 2, 0, 0, 0], "{she} had a {colour} {object} ."),
    StoryTemplate(
      .possession, [2, 7, 0, 0, 0], "{she} owned a {colour} {object} and {loved} it ."),
    StoryTemplate(.possession, [0, 1, 8, 0, 0], "{she} had {object} {colour} and {loved} it ."),
    StoryTemplate(.possession, [0, 0, 0, 8, 0], "a {colour} {object} {she} {loved} ."),
    StoryTemplate(
      .possession, [0, 0, 0, 1, 8], "had {she} {object} {colour} , {loved} {she} it ."),
  ]

  private static let middle = [
    StoryTemplate(.travel, [7, 3, 0, 0, 0], "one {time} {hero} {went} to the {place} ."),
    StoryTemplate(.travel, [3, 6, 0, 0, 0], "by {time} {she} {went} to the {place} for {thing} ."),
    StoryTemplate(.travel, [0, 1, 8, 0, 0], "{hero} {went} to {place} at {time} ."),
    StoryTemplate(.travel, [0, 0, 0, 8, 0], "unto the {place} for {thing} {hero} {went} ."),
    StoryTemplate(.travel, [0, 0, 0, 0, 8], "{went} {hero} one {time} to {place} ."),
    StoryTemplate(.wait, [6, 4, 1, 0, 0], "{she} {waited} at the {place} all {time} ."),
    StoryTemplate(.wait, [0, 3, 6, 1, 1], "{hero} {waited} by {place} with {thing} ."),
    StoryTemplate(.wait, [0, 0, 0, 7, 0], "by the {place} {hero} {waited} ."),
    StoryTemplate(.wait, [0, 0, 0, 0, 7], "{waited} {she} by {place} all {time} ."),
    StoryTemplate(.meet, [7, 3, 0, 0, 0], "there {she} {met} {friend} the {animal} ."),
    StoryTemplate(.meet, [2, 6, 0, 0, 0], "{hero} {met} a {animal} called {friend} ."),
    StoryTemplate(.meet, [0, 0, 8, 0, 0], "{she} {met} {animal} there , {friend} ."),
    StoryTemplate(.meet, [0, 0, 0, 8, 0], "{friend} the {animal} {she} {met} there ."),
    StoryTemplate(.meet, [0, 0, 0, 0, 8], "{met} {hero} {animal} called {friend} ."),
    StoryTemplate(.help, [6, 4, 0, 0, 0], "{friend} the {animal} {helped} {hero} ."),
    StoryTemplate(.help, [3, 3, 7, 0, 0], "{friend} {helped} {hero} and {her} {object} ."),
    StoryTemplate(.help, [0, 0, 0, 7, 0], "{hero} the {animal} {friend} {helped} ."),
    StoryTemplate(.help, [0, 0, 0, 0, 7], "{helped} {friend} {hero} and {her} {object} ."),
    StoryTemplate(.lose, [7, 3, 0, 0, 0], "then {hero} {lost} the {colour} {object} ."),
    StoryTemplate(.lose, [2, 6, 0, 0, 0], "but {she} {lost} {her} {object} at the {place} ."),
    StoryTemplate(.lose, [0, 0, 8, 0, 0], "then {she} {lost} {object} {colour} ."),
    StoryTemplate(.lose, [0, 0, 0, 8, 0], "but the {colour} {object} {hero} {lost} ."),
    StoryTemplate(.lose, [0, 0, 0, 0, 8], "{lost} {hero} {object} {colour} by {place} ."),
    StoryTemplate(.find, [7, 3, 0, 0, 0], "then {hero} {found} the {object} again ."),
    StoryTemplate(.find, [2, 6, 7, 0, 0], "{she} {found} {her} {object} near {thing} ."),
    StoryTemplate(.find, [0, 0, 0, 8, 0], "the {colour} {object} {she} {found} again ."),
    StoryTemplate(.find, [0, 0, 0, 0, 8], "{found} {she} {object} {colour} again ."),
    StoryTemplate(.weather, [6, 4, 0, 0, 0], "the sky was {sky} that {time} ."),
    StoryTemplate(.weather, [1, 4, 6, 0, 0], "sky was {sky} over the {place} ."),
    StoryTemplate(.weather, [0, 0, 0, 7, 0], "{sky} was the sky ."),
    StoryTemplate(.weather, [0, 0, 0, 0, 7], "was {sky} the sky , {sky} ."),
    StoryTemplate(.speech, [6, 3, 0, 0, 0], "{hero} {said} : i feel {feeling} ."),
    StoryTemplate(.speech, [2, 5, 6, 0, 0], "{she} {said} of {feeling} and of {thing} ."),
    StoryTemplate(.speech, [0, 0, 0, 7, 0], "of {feeling} {hero} {said} ."),
    StoryTemplate(.speech, [0, 0, 0, 0, 7], "{said} {hero} : {feeling} i feel ."),
  ]

  private static let ending = [
    StoryTemplate(.outcome, [7, 3, 0, 0, 0], "in the end {hero} {kept} the {colour} {object} ."),
    StoryTemplate(.outcome, [2, 6, 0, 0, 0], "at last {she} {kept} {her} {colour} {object} ."),
    StoryTemplate(.outcome, [0, 1, 8, 0, 0], "{hero} {kept} {object} {colour} at last ."),
    StoryTemplate(.outcome, [0, 0, 0, 8, 0], "the {colour} {object} {hero} at last {kept} ."),
    StoryTemplate(.outcome, [0, 0, 0, 0, 8], "{kept} {she} at last {object} {colour} ."),
    StoryTemplate(.moralAlone, [6, 4, 1, 0, 0], "{she} felt {end} and {learnt} to {lesson} ."),
    StoryTemplate(.moralAlone, [2, 3, 7, 0, 0], "{hero} was {end} ."),
    StoryTemplate(.moralAlone, [0, 0, 0, 7, 0], "{end} was {hero} , who {learnt} to {lesson} ."),
    StoryTemplate(.moralAlone, [0, 0, 0, 0, 7], "was {end} {hero} , {learnt} to {lesson} ."),
    StoryTemplate(
      .moralTogether, [6, 5, 4, 0, 0], "{hero} and {friend} the {animal} were {end} ."),
    StoryTemplate(.moralTogether, [0, 0, 3, 7, 1], "{friend} and {hero} were {end} together ."),
    StoryTemplate(.moralTogether, [0, 0, 0, 0, 6], "were {end} {hero} and {friend} ."),
  ]
}
