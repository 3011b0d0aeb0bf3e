package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is mistyped is guessed. */
class MistakesTest {

    @TempDir
    private Path folder;

    @BeforeEach
    void home() {
        System.setProperty("djinn.home", "..");
    }

    @AfterEach
    void restore() {
        System.clearProperty("djinn.home");
    }

    private static void expect(int code, String part, Object... words) {
        Answer answer = Answer.of(words);
        assertThat(answer.err()).startsWith("error: ").contains(part).hasLineCount(1);
        assertThat(answer.out()).isEmpty();
        assertThat(answer.code()).as(answer.err()).isEqualTo(code);
    }

    @Test
    void commands() {
        expect(2, "unknown command 'trian'; did you mean 'train'?", "trian", "nin_digits");
        expect(2, "unknown command 'trian'; did you mean 'train'?", "trian", "nin_digits", "--set", "seed=1");
        expect(2, "did you mean 'lr-find'?", "lrfind", "nin_digits");
        expect(2, "unknown command 'zzz'; expected one of train, val", "zzz");
        expect(2, "did you mean 'convert'?", "weights", "covnert", "a", "--to", "b");
        expect(2, "did you mean 'train'?", "help", "tarin");
        expect(2, "did you mean 'list'?", "help", "weights", "lits");
        expect(2, "models has no commands of its own", "help", "models", "list");
        assertThat(Answer.of("zzz").err()).doesNotContain("warm-up");
    }

    @Test
    void options() {
        expect(2, "unknown option '--filtre'; did you mean '--filter'?", "models", "--filtre", "resnet");
        expect(2, "unknown option '--filtre'; did you mean '--filter'?", "models", "--filtre=resnet");
        expect(2, "did you mean '--json'?", "predict", "run", "a.png", "--jsn");
        expect(2, "did you mean '--resume'?", "train", "--resum", "runs/x");
        expect(2, "unknown option '--zzzzzz'", "models", "--zzzzzz");
        // what is missing then is what was mistyped
        expect(2, "unknown option '--too'; did you mean '--to'?", "export", "runs/x", "--too", "a.onnx");
        expect(2, "unknown option '--inptu'; did you mean '--input'?", "summary", "--inptu", "3x8x8");
        expect(2, "'b' is one word too many; expected MODEL and options", "summary", "nin_small", "b");
        expect(2, "'b' is one word too many; expected options only", "models", "b");
    }

    @Test
    void whatIsMissingOrTooMuch() {
        expect(2, "expected --to FILE, got none", "export", "runs/x");
        expect(2, "expected MODEL, got none", "summary");
        expect(2, "expected --epochs N, got no value", "train", "nin_digits", "--epochs");
        expect(2, "expected --epochs N, got '--lr' in the place of its value", "train", "a", "--epochs", "--lr", 1);
        expect(2, "expected --epochs N once, got it twice", "train", "a", "--epochs", 1, "--epochs", 2);
        expect(2, "FILE..., got photo.jpg alone", "predict", "photo.jpg");
        expect(2, "FILE..., got no FILE", "predict");
        expect(2, "expected options only; did you mean --filter resnet?", "models", "resnet");
        expect(1, "did you mean 'nin_digits', which comes with Djinn?", "train", "nin_digits.yaml");
    }

    @Test
    void wordsOfOtherTools() {
        expect(2, "unknown command 'fit'; did you mean 'train'?", "fit", "nin_digits");
        expect(2, "unknown command 'validate'; did you mean 'val'?", "validate", "runs/x");
        expect(2, "unknown command 'detect'; did you mean 'predict'?", "detect");
        expect(2, "unknown option '--out'; did you mean '--to'?", "export", "runs/x", "--out", "a.onnx");
    }

    /** One line that is read at once, whatever there is to choose from. */
    @Test
    void ofVeryManyNamesTheNearestAreTold() {
        Object[][] mistakes = {
            {"train", "nin_digits", "--set", "model.name=zzz"},
            {"train", "nin_digits", "--set", "train.zzz=1"},
            {"train", "nin_digits", "--set", "task=zzz"},
            {"train", "nin_digits", "--set", "optimizer=zzz"},
            {"train", "nin_digits", "--set", "loss=zzz"},
            {"train", "nin_digits", "--set", "data.augment=[zzz]"},
            {"train", "nin_digits", "--set", "data.source=zzz"},
            {"train", "nin_digits", "--weights", "djinn:zzz"},
            {"train", "nin_digits", "--weights", "djinn:resnet18/zzzzzzzzzzzzzzz"},
            {"train", "zzz"},
            {"summary", "zzz"},
            {"summary", "resnet"},
            {"benchmark", "--model", "zzz"},
            {"losses", "--filter", "zzz", "zzz"},
            {"data", "get", "zzz"},
            {"recipes", "--keys", "zzz"},
            {"zzz"}
        };
        for (Object[] words : mistakes) {
            Answer answer = Answer.of(words);
            assertThat(answer.err()).startsWith("error: ").hasLineCount(1);
            assertThat(answer.err().length()).as(answer.err()).isLessThan(460);
            assertThat(answer.code()).as(answer.err()).isEqualTo(2);
        }
        expect(2, " more; 'djinn models' lists them", "train", "nin_digits", "--set", "model.name=zzz");
        expect(2, "'djinn recipes --keys classification' lists them", "train", "nin_digits", "--set", "train.zzz=1");
        expect(2, "did you mean 'resnet18', 'resnet34' or 'resnet50'?", "summary", "resnet");
    }

    @Test
    void tasksOfOtherJars() {
        for (Object[] words : new Object[][] {
            {"recipes", "--keys", "regression"}, {"train", "../configs/gan_tiny.yaml", "--set", "task=regression"}
        }) {
            Answer answer = Answer.of(words);
            assertThat(answer.err())
                    .contains("unknown task")
                    .contains("; a task of another jar is there once DJINN_EXTENSIONS names the jar")
                    .hasLineCount(1);
        }
    }

    @Test
    void values() {
        expect(2, "expected a whole number for --classes, got 'many'", "summary", "nin_small", "--classes", "many");
        expect(2, "expected a number for --from, got 'x'", "lr-find", "nin_digits", "--from", "x");
        expect(2, "expected one of pytorch, onnx for --engine, got 'tf'", "predict", "a", "b", "--engine", "tf");
        expect(2, "expected one of --json, --markdown, got more than one", "models", "--json", "--markdown");
        expect(2, "expected --batch, --workers and --top of at least 1", "predict", "a", "b", "--top", 0);
        expect(2, "got [0], 112, 12, 3 and 2.0", "benchmark", "--model", "nin_small", "--batch", 0);
        expect(2, "expected names of files, or texts, got an empty one", "predict", "a", "");
        for (String command : new String[] {"val", "export", "train"}) {
            expect(2, "as FILE or djinn:NAME, got none", command, "--weights", "", needed(command));
        }
        expect(1, "there is not enough memory for", "summary", "nin_small", "--input", "3x9999999x9999999");
    }

    private static String needed(String command) {
        return switch (command) {
            case "val" -> "--data=digits";
            case "export" -> "--to=a.onnx";
            default -> "nin_digits";
        };
    }

    @Test
    void recipes() throws Exception {
        for (String command : new String[] {"train", "lr-find"}) {
            expect(2, "unknown recipe 'nin_digit'; did you mean 'nin_digits'?", command, "nin_digit");
        }
        expect(2, "did you mean 'nin_digits'?", "augment", "nin_digit", "--sheet", folder.resolve("a.png"));
        expect(2, " more; 'djinn recipes' lists them\n", "train", "something");
        expect(2, "unknown recipe ''", "train", "");
        Files.writeString(folder.resolve("mine.yaml"), "seed: 1\n");
        expect(1, "did you mean '" + folder.resolve("mine.yaml") + "'?", "train", folder.resolve("mien.yaml"));
        expect(1, "expected a recipe, found no such file", "train", folder.resolve("none/at.yaml"));
        expect(1, "expected a recipe, a YAML file, found a folder", "train", folder);
    }

    @Test
    void helpIsThatOfTheCommand() {
        assertThat(Answer.of("help", "train")).isEqualTo(Answer.of("train", "--help"));
        assertThat(Answer.of("help", "weights", "convert")).isEqualTo(Answer.of("weights", "convert", "--help"));
        assertThat(Answer.of("help")).isEqualTo(Answer.of("--help"));
        assertThat(Answer.of("help", "train").out()).contains("--resume");
    }

    @Test
    void namesThatJavaCannotSayAreExplained() {
        assertThat(Mistakes.message(new InvalidPathException(
                        "caf\ufffd", "Malformed input or input contains unmappable characters")))
                .contains("'caf\ufffd' has letters that are not of")
                .hasLineCount(1);
        assertThat(Mistakes.garbled(Stream.of("train", "caf\u00e9"))).isEmpty();
        assertThat(Mistakes.garbled(Stream.of("train", "caf\ufffd")).orElseThrow())
                .contains("'caf\ufffd'");
        expect(2, "expected the name of a file or folder, got none", "train", "nin_digits", "--runs", "");
    }
}
