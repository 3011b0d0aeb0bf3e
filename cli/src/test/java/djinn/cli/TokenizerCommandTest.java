package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** {@code djinn tokenizer}: made of files, then asked. */
class TokenizerCommandTest {

    @TempDir
    private Path folder;

    @Test
    void madeOfFilesItWritesEveryText() throws IOException {
        Path text = Files.writeString(folder.resolve("text.txt"), "to be or not to be\n".repeat(9));
        Path file = folder.resolve("tokenizer.json");
        Answer made = Answer.of(
                "tokenizer",
                "train",
                text,
                "--to",
                file,
                "--vocabulary",
                270,
                "--special",
                "[PAD]",
                "--least-count",
                9);
        assertThat(made.code()).as(made.err()).isZero();
        // [PAD], 256 bytes and what was merged; of "to be or not to be" all is there nine times
        assertThat(made.lines().get(0)).matches("2[67]\\d tokens of 171 characters in 1 file, in .*");

        Answer encoded = Answer.of("tokenizer", "encode", file, "to bé", "--json");
        assertThat(encoded.code()).as(encoded.err()).isZero();
        JsonNode answer = new ObjectMapper().readTree(encoded.out());
        assertThat(answer.path("tokens").path(0).asString()).isEqualTo("to");
        assertThat(answer.path("ids").size()).isEqualTo(answer.path("tokens").size());
        Object[] words = new Object[3 + answer.path("ids").size()];
        words[0] = "tokenizer";
        words[1] = "decode";
        words[2] = file;
        for (int i = 3; i < words.length; i++) {
            words[i] = answer.path("ids").path(i - 3).asInt();
        }
        Answer decoded = Answer.of(words);
        assertThat(decoded.out().strip()).isEqualTo("to bé");
        assertThat(Answer.of("tokenizer", "encode", file, "to").lines())
                .singleElement()
                .asString()
                .endsWith(" to");
    }

    @Test
    void mistakesAreALine() throws IOException {
        Path file = folder.resolve("tokenizer.json");
        Path text = Files.write(folder.resolve("latin.txt"), new byte[] {'a', (byte) 0xE9, 'b'});
        Answer latin = Answer.of("tokenizer", "train", text, "--to", file);
        assertThat(latin.code()).isEqualTo(1);
        assertThat(latin.err()).contains("latin.txt").contains("UTF-8").hasLineCount(1);
        assertThat(file).doesNotExist();
        Path empty = Files.writeString(folder.resolve("empty.txt"), "");
        assertThat(Answer.of("tokenizer", "train", empty, "--to", file).err()).contains("found none");
        assertThat(Answer.of(
                                "tokenizer",
                                "train",
                                empty,
                                "--to",
                                folder.resolve("none").resolve("t.json"))
                        .err())
                .contains("there is no folder");
        Answer cut = Answer.of(
                "tokenizer", "train", empty, "--to", file, "--model", "word", "--pre-tokenizer", "byte_level");
        assertThat(cut.code()).isEqualTo(2);
        assertThat(cut.err()).contains("expected a cut that WORD goes with");
        assertThat(Answer.of("tokenizer").code()).isEqualTo(2);
        Files.writeString(file, "{}");
        Answer none = Answer.of("tokenizer", "encode", file, "a");
        assertThat(none.code()).isEqualTo(1);
        assertThat(none.err()).contains("expected a tokenizer.json");
    }
}
