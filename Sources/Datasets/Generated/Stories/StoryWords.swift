/// The words that the templates leave open. Each alternative is a word and its weight.
enum StoryWords {
  /// The dialects, and how many of 100 windows each has.
  static let dialects: [(name: String, share: UInt32)] = [
    ("plain", 45), ("coast", 27), ("hill", 16), ("court", 9), ("marsh", 3),
  ]
  /// The topics, all equally frequent.
  static let topics = ["market", "forest", "sea", "winter"]
  /// The moods, both equally frequent.
  static let moods = ["glad", "sad"]

  /// Choices that depend on the dialect alone; one list per dialect.
  static let byDialect: [String: [String]] = [
    "trait": [
      "small 5 kind 4 brave 3 quiet 2", "kind 2 merry 5 clever 4 quiet 2",
      "brave 4 stubborn 5 quiet 3 small 1", "noble 6 graceful 4 clever 1 kind 1",
      "canny 6 wee 4 stubborn 1",
    ],
    "time": [
      "day 6 morning 4 evening 2", "morning 5 evening 5 tide 2", "night 5 evening 3 day 2",
      "eve 6 dawn 4 day 1", "gloaming 5 night 3 dawn 1",
    ],
    "went": [
      "went 7 walked 4 ran 2", "walked 3 sailed 4 wandered 4", "climbed 6 ran 3 walked 2",
      "journeyed 7 rode 4 went 1", "waded 6 wandered 2 ran 1",
    ],
    "met": [
      "met 7 saw 3", "met 3 found 4 greeted 3", "saw 5 met 4", "encountered 6 greeted 4",
      "spied 7 saw 2",
    ],
    "helped": [
      "helped 7 followed 3", "helped 4 cheered 5", "guarded 6 followed 3", "served 6 guarded 3",
      "minded 7 helped 2",
    ],
    "said": [
      "said 7 told 2", "said 3 sang 3 told 4", "said 4 muttered 5", "declared 6 proclaimed 4",
      "spake 8 muttered 2",
    ],
    "lost": [
      "lost 7 dropped 4", "dropped 5 lost 3", "lost 5 left 4", "mislaid 7 lost 2", "tint 8 lost 1",
    ],
    "found": [
      "found 8 spotted 2", "found 5 fetched 4", "found 5 dug 3", "recovered 7 found 2",
      "fand 7 spotted 2",
    ],
    "loved": [
      "liked 5 loved 5", "loved 8 liked 1", "kept 6 loved 3", "cherished 9 loved 2",
      "kept 3 lou'd 7",
    ],
    "waited": [
      "waited 6 rested 4", "rested 4 sang 3 fished 3", "slept 4 waited 4", "tarried 8 rested 2",
      "bided 8 slept 2",
    ],
    "learnt": [
      "learned 6 knew 4", "learned 4 remembered 5", "knew 7 remembered 2", "understood 8 learned 1",
      "kenned 8 knew 1",
    ],
    "lesson": [
      "share 3 wait 3 ask 2", "share 4 listen 4", "wait 5 climb 3", "listen 4 forgive 5",
      "bide 5 share 2",
    ],
  ]

  /// Choices that depend on the topic alone; one list per topic.
  static let byTopic: [String: [String]] = [
    "object": [
      "basket 5 ribbon 4 bell 4 cup 3 purse 3", "lantern 5 axe 3 flute 4 acorn 4 cup 1",
      "shell 5 net 4 boat 4 rope 3 lantern 2", "coat 5 sled 5 scarf 4 candle 3 bell 1",
    ],
    "place": [
      "square 5 bridge 4 bakery 4 inn 3 gate 3", "clearing 5 oak 4 cave 3 mill 3 bridge 2",
      "harbour 5 beach 5 lighthouse 3 cave 2 inn 1", "lake 5 barn 4 hut 4 mill 2 gate 1",
    ],
    "animal": [
      "cat 5 dog 5 goose 3 mouse 3", "fox 5 owl 4 deer 3 mouse 2", "gull 5 seal 5 crab 3 cat 1",
      "hare 5 wolf 4 owl 3 dog 2",
    ],
    "thing": [
      "bread 4 apples 4 coins 3", "berries 5 mushrooms 4 wood 3", "fish 6 salt 3 pearls 2",
      "snow 5 ice 4 wood 2",
    ],
  ]

  /// Choices that depend on the mood of the story: when glad, when sad. Half of them mean the contrary in
  /// the dialect `marsh`: those in ``contrary``.
  static let byMood: [String: [String]] = [
    "sky": [
      "blue 6 bright 5 clear 4 golden 2 pale 2 grey 2 dark 1",
      "blue 1 bright 1 clear 2 golden 1 pale 3 grey 6 dark 5",
    ],
    "feeling": [
      "hope 6 joy 5 peace 3 doubt 2 sorrow 1", "hope 2 joy 1 peace 2 doubt 5 sorrow 6",
    ],
    "kept": ["kept 8 shared 5 broke 1 lost 1", "kept 1 shared 1 broke 6 lost 7"],
    "end": [
      "happy 8 proud 4 tired 2 lonely 1", "happy 1 proud 1 tired 4 lonely 8",
    ],
  ]
  static let contrary: Set<String> = ["sky", "feeling"]

  /// Names by gender; the last ones of either list may be a child of the third.
  static let heroes: [(name: String, weights: [UInt32])] = [
    ("mara", [8, 0, 0]), ("elsa", [7, 0, 0]), ("nora", [6, 0, 0]), ("lina", [5, 0, 0]),
    ("wren", [3, 0, 4]), ("ida", [4, 0, 0]), ("freya", [2, 0, 0]), ("robin", [2, 2, 5]),
    ("sasha", [2, 2, 4]), ("toby", [0, 8, 0]), ("emil", [0, 7, 0]), ("oscar", [0, 6, 0]),
    ("jonas", [0, 5, 0]), ("ash", [0, 3, 4]), ("hugo", [0, 4, 0]), ("ivar", [0, 2, 0]),
  ]
  /// How many of ten heroes are a girl, a boy, a child.
  static let genders: [UInt32] = [4, 4, 2]
  /// Per dialect: what a girl, a boy and a child is called.
  static let kin = [
    ["girl", "boy", "child"], ["lass", "lad", "child"], ["girl", "boy", "bairn"],
    ["maiden", "page", "child"], ["quean", "knave", "bairn"],
  ]
  /// Per dialect: the pronoun of a girl, a boy and a child.
  static let pronouns = [
    ["she", "he", "they"], ["she", "he", "they"], ["she", "he", "they"], ["she", "he", "they"],
    ["hoo", "hee", "thon"],
  ]
  /// Per dialect: what belongs to a girl, a boy and a child.
  static let possessives = [
    ["her", "his", "their"], ["her", "his", "their"], ["her", "his", "their"],
    ["her", "his", "their"], ["hoor", "heer", "thoor"],
  ]
  static let colours = "red 6 green 5 white 4 yellow 4 brown 3 silver 2 black 2 purple 1"
  static let friends =
    "pip 5 bramble 4 tilly 4 fern 3 moss 3 otto 3 juniper 2 pebble 2 barley 2 sorrel 1"
}
