package djinn.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.config.Yaml.Document;
import djinn.config.Yaml.Entry;
import djinn.config.Yaml.Mapping;
import djinn.config.Yaml.Node;
import djinn.config.Yaml.Scalar;
import djinn.config.Yaml.Sequence;
import djinn.ops.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class YamlTest {

    private static Document parse(String text) {
        return Yaml.parse("r.yaml", text);
    }

    private static Node find(Document document, String path) {
        Node node = document.root();
        for (String key : path.split("\\.", -1)) {
            node = node instanceof Sequence sequence
                    ? sequence.items().get(Integer.parseInt(key))
                    : ((Mapping) node).entries().get(key).value();
        }
        return node;
    }

    private static void refused(String text, String message) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(RecipeException.class)
                .hasMessage(message);
    }

    @Test
    void everyPartKnowsItsLineAndColumn() {
        Document document = parse("# a comment\nepochs: 5\ndata:\n  path: 'a b'\n  augment: [crop, {name: flip}]\n");

        assertThat(document.label()).isEqualTo("r.yaml");
        assertThat(document.root().at()).isEqualTo("r.yaml:2:1");
        assertThat(document.root().entries().get("data").at()).isEqualTo("r.yaml:3:1");
        assertThat(find(document, "data").at()).isEqualTo("r.yaml:4:3");
        assertThat(find(document, "epochs")).isEqualTo(new Scalar("r.yaml:2:9", "5", true));
        assertThat(find(document, "data.path")).isEqualTo(new Scalar("r.yaml:4:9", "a b", false));
        assertThat(find(document, "data.augment").at()).isEqualTo("r.yaml:5:12");
        assertThat(find(document, "data.augment.1.name")).isEqualTo(new Scalar("r.yaml:5:26", "flip", true));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "# nothing\n", "---\n", "null", "{}"})
    void anEmptyTextIsAnEmptyMapping(String text) {
        assertThat(parse(text).root().entries()).isEmpty();
    }

    @Test
    void refusesARootThatIsNoMapping() {
        refused("- a\n", "r.yaml:1:1: expected a mapping at the root, got a list, write 'key: value'");
        refused("\nhello\n", "r.yaml:2:1: expected a mapping at the root, got 'hello', write 'key: value'");
    }

    @Test
    void refusesARepeatedKey() {
        refused(
                "a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n",
                "r.yaml:5:3: b.c: duplicate key 'c', it is already at r.yaml:3:3, remove one");
        refused(
                "a:\n  - {x: 1, x: 2}\n",
                "r.yaml:2:12: a.0.x: duplicate key 'x', it is already at r.yaml:2:6, remove one");
    }

    @Test
    void refusesWhatRecipesDoNotNeed() {
        refused("a: &x 1\nb: *x\n", "r.yaml:1:4: a: anchors are not supported, write the value out");
        refused("b: *x\n", "r.yaml:1:4: b: aliases are not supported, write the value out");
        refused("b: [1, *x]\n", "r.yaml:1:8: b.1: aliases are not supported, write the value out");
        refused("a:\n  <<: {b: 1}\n", "r.yaml:2:3: a: merge keys are not supported, write the keys out");
        refused("a: !!int 5\n", "r.yaml:1:4: a: tags are not supported, write the value out");
        refused("a: !x {b: 1}\n", "r.yaml:1:4: a: tags are not supported, write the value out");
        refused("a: 1\n---\nb: 2\n", "r.yaml:2:1: expected one document, got a second, remove it");
        refused("[a, b]: 1\n", "r.yaml:1:1: expected a name as key, got a list or a mapping, write 'key: value'");
        refused("a:\n  ?\n  : 2\n", "r.yaml:2:4: a: expected a name as key, got nothing, write 'key: value'");
        refused("a: " + "[".repeat(100), "r.yaml:1:68: expected at most 64 levels, got more");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a: 1\\nb: [1, 2\\nc: 3\\n | r.yaml:3:2: not valid YAML: while parsing a flow sequence",
                "a: 1\\n\\tb: 2\\n | r.yaml:2:1: not valid YAML: ",
                "a: b: c\\n | r.yaml:1:5: not valid YAML: ",
                "a: 'open\\n | r.yaml:2:1: not valid YAML: ",
                "a: 1\\nb: x\\u0007y\\n | r.yaml:2:5: expected text, got the character U+0007, remove it"
            })
    void aSyntaxErrorIsOneLineWithItsPosition(String text, String start) {
        String yaml = text.replace("\\n", "\n").replace("\\t", "\t").replace("\\u0007", "\u0007");
        assertThatThrownBy(() -> parse(yaml))
                .isInstanceOf(RecipeException.class)
                .message()
                .startsWith(start.stripLeading())
                .doesNotContain("\n");
    }

    @Test
    void aCharacterThatIsNoTextIsFoundFarDown() {
        refused(
                "# \uD83D\uDE00 twenty letters\n".repeat(500) + "\uD83D\uDE00: \u0007",
                "r.yaml:501:4: expected text, got the character U+0007, remove it");
    }

    @Test
    void readsAFile(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("tiny.yaml"), "a: 1\na: 2\n");
        assertThatThrownBy(() -> Yaml.read(file))
                .isInstanceOf(RecipeException.class)
                .message()
                .startsWith(file + ":2:1: a: duplicate key");
        Files.writeString(file, "a: ä\n");
        assertThat(find(Yaml.read(file), "a")).isEqualTo(new Scalar(file + ":1:4", "ä", true));
    }

    @Test
    void aMissingFileIsOneLineWithTheNearestName(@TempDir Path directory) throws IOException {
        Files.writeString(directory.resolve("resnet18_cifar.yaml"), "");
        Files.writeString(directory.resolve("vit.yaml"), "");

        missing(directory.resolve("resnet_cifar.yaml"), "did you mean 'resnet18_cifar.yaml'?");
        missing(directory.resolve("vit.yml"), "did you mean 'vit.yaml'?");
        missing(directory.resolve("vit"), "did you mean 'vit.yaml'?");
        missing(directory.resolve("mobilenet.yaml"), "check the path");
        missing(directory.resolve("none").resolve("vit.yaml"), "check the path");
    }

    private static void missing(Path path, String fix) {
        assertThatThrownBy(() -> Yaml.read(path))
                .isExactlyInstanceOf(DataException.class)
                .hasMessage(path + ": no such file, " + fix);
    }

    @Test
    void refusesAFileThatIsNoText(@TempDir Path directory) throws IOException {
        Path file = Files.write(directory.resolve("a.yaml"), new byte[] {(byte) 0xFF, (byte) 0xD8, 0, 1});
        assertThatThrownBy(() -> Yaml.read(file))
                .isExactlyInstanceOf(DataException.class)
                .hasMessageStartingWith(file + ":1: expected UTF-8 text, found the byte FF");
        assertThatThrownBy(() -> Yaml.read(directory))
                .isExactlyInstanceOf(DataException.class)
                .hasMessage(directory + ": expected a file, got a directory");
    }

    @Test
    void anOverrideReplacesOrAddsOneValue() {
        Document document = parse("a: 1\nb:\n  c: 2\n  d: 3\nlist: [x, {p: 0.5, q: 1}]\nempty:\n");

        assertThat(plain(document.with("b.c=[1, 2]"))).isEqualTo("a: 1\nb:\n  c: [1, 2]\n  d: 3\n" + rest("0.5"));
        assertThat(plain(document.with("list.1.p=0.1"))).isEqualTo("a: 1\nb:\n  c: 2\n  d: 3\n" + rest("0.1"));
        assertThat(find(document.with("a={name: x, k: 5}"), "a.k").at()).isEqualTo("--set a={name: x, k: 5}");
        assertThat(find(document.with("x.y.z=5"), "x.y.z")).isEqualTo(new Scalar("--set x.y.z=5", "5", true));
        assertThat(find(document.with("empty.y=a=b"), "empty.y"))
                .isEqualTo(new Scalar("--set empty.y=a=b", "a=b", true));
        assertThat(find(document.with("a="), "a").isNull()).isTrue();
        assertThat(find(document.with(" a = '5'"), "a")).isEqualTo(new Scalar("--set  a = '5'", "5", false));
        assertThat(find(document, "b.c")).isEqualTo(new Scalar("r.yaml:3:6", "2", true));
    }

    private static String plain(Document document) {
        return Yaml.write(document.root());
    }

    private static String rest(String p) {
        return "list:\n  - x\n  - p: " + p + "\n    q: 1\nempty: null\n";
    }

    @Test
    void anOverrideKeepsThePositionsOfWhatItLeaves() {
        Document changed = parse("b:\n  c: 2\n  d: 3\n").with("b.c=4");

        assertThat(changed.root().entries().get("b").at()).isEqualTo("r.yaml:1:1");
        assertThat(find(changed, "b").at()).isEqualTo("r.yaml:2:3");
        assertThat(((Mapping) find(changed, "b")).entries().get("c").at()).isEqualTo("--set b.c=4");
        assertThat(find(changed, "b.d").at()).isEqualTo("r.yaml:3:6");
    }

    @Test
    void anOverrideBelowANameMakesAMappingOfIt() {
        Document changed = parse("schedule: cosine\nlist: [flip]\n")
                .with("schedule.min_lr=0.1")
                .with("schedule.warmup=5")
                .with("list.0.p=1");

        assertThat(plain(changed))
                .isEqualTo("schedule:\n  name: cosine\n  min_lr: 0.1\n  warmup: 5\nlist:\n  - name: flip\n    p: 1\n");
        assertThat(find(changed, "schedule.name").at()).isEqualTo("r.yaml:1:11");
        assertThat(find(changed, "schedule").at()).isEqualTo("--set schedule.min_lr=0.1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a | --set a: expected KEY.PATH=VALUE, such as optimizer.lr=0.1, got no '='",
                "=5 | --set =5: expected KEY.PATH=VALUE, such as optimizer.lr=0.1, got an empty key",
                "a..b=5 | --set a..b=5: expected KEY.PATH=VALUE, such as optimizer.lr=0.1, got an empty key",
                "a.b=5 | --set a.b=5: a: expected a mapping, a list or a name, got '1', shorten the path",
                "t.b=5 | --set t.b=5: t: expected a mapping, a list or a name, got 'true', shorten the path",
                "l.2=5 | --set l.2=5: l: expected an index from 0 to 1, got '2'",
                "l.x.y=5 | --set l.x.y=5: l: expected an index from 0 to 1, got 'x'",
                "l.-1=5 | --set l.-1=5: l: expected an index from 0 to 1, got '-1'",
                "e.0=5 | --set e.0=5: e: the list is empty, got '0'",
                "a={x: 1, x: 2} | --set a={x: 1, x: 2}: a.x: duplicate key 'x', remove one",
                "a=*x | --set a=*x: a: aliases are not supported, write the value out"
            })
    void refusesAnOverride(String override, String message) {
        Document document = parse("a: 1\nt: true\nl: [1, 2]\ne: []\n");
        assertThatThrownBy(() -> document.with(override))
                .isInstanceOf(RecipeException.class)
                .hasMessage(message);
    }

    @Test
    void aSyntaxErrorInAnOverrideNamesIt() {
        assertThatThrownBy(() -> parse("").with("a.b=[1"))
                .isInstanceOf(RecipeException.class)
                .message()
                .startsWith("--set a.b=[1: a.b: not valid YAML: while parsing a flow sequence")
                .doesNotContain("\n");
    }

    @Test
    void writesBlocksAndShortListsOnOneLine() {
        String text = "a: 1\nb:\n  c: [1, 2, [3]]\n  d: {}\n  e: []\nf:\n  - x: 1\n    y: 2\n  - z\n";
        assertThat(plain(parse(text))).isEqualTo(text);
        assertThat(plain(parse(""))).isEqualTo("{}\n");

        List<Node> many = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            many.add(new Scalar("", "0.125", true));
        }
        Mapping wide = new Mapping("", Map.of("a", new Entry("", new Sequence("", List.of(new Sequence("", many))))));
        assertThat(Yaml.write(wide)).startsWith("a:\n  - - 0.125\n    - 0.125\n");
        assertThat(((Sequence) find(parse(Yaml.write(wide)), "a.0")).items()).hasSize(50);
    }

    @ParameterizedTest
    @ValueSource(strings = {"resnet18", "a b", "./data/train", "/tmp/x", "a=b", "x-1e5", "..."})
    void textComesBack(String text) {
        assertThat(again(text)).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1e-3",
                "true",
                "No",
                "",
                "null",
                "~",
                " a",
                "a ",
                "a: b",
                "a #b",
                "- a",
                "5",
                "[x]",
                "a,b",
                "{",
                "*a",
                "&a",
                "!a",
                "|",
                ">",
                "%a",
                "@a",
                "`a",
                "it's",
                "say \"hi\"",
                "C:\\x",
                "line\nbreak",
                "tab\t.",
                "\u0007",
                "\u0085",
                "\u2028",
                "\uFEFF",
                "\u00E4",
                "\uD83D\uDE00",
                "<<",
                "?",
                "---",
                "a:",
                "\r\n",
                "\u007F",
                ".inf"
            })
    void textThatYamlCouldTakeForSomethingElseIsQuoted(String text) {
        assertThat(Scalar.ofText(text).plain()).isFalse();
        assertThat(again(text)).isEqualTo(text);
    }

    /** Returns a text as key, as value and inside a flow list, written and parsed, where all three are the same. */
    private static String again(String text) {
        Scalar scalar = Scalar.ofText(text);
        Mapping written = new Mapping("", Map.of(text, new Entry("", new Sequence("", List.of(scalar, scalar)))));
        Mapping mapping = parse(Yaml.write(new Mapping("", Map.of("m", new Entry("", written)))))
                .root();
        Mapping inner = (Mapping) mapping.entries().get("m").value();
        String key = inner.entries().keySet().iterator().next();
        List<Node> items = ((Sequence) inner.entries().get(key).value()).items();
        assertThat(((Scalar) items.get(0)).text()).isEqualTo(key);
        assertThat(((Scalar) items.get(1)).text()).isEqualTo(key);
        assertThat(((Scalar) items.get(1)).plain()).isEqualTo(scalar.plain());
        return key;
    }

    @Test
    void aStarIsToBeQuoted() {
        Yaml.Document document = Yaml.parse("r.yaml", "a: 1");
        assertThatThrownBy(() -> document.with("train.freeze=[*]"))
                .hasMessageStartingWith("--set train.freeze=[*]: train.freeze: not valid YAML: ")
                .hasMessageEndingWith(", put what begins with a star in quotes");
        assertThat(document.with("train.freeze=['*']").root().entries()).containsKey("train");
    }
}
