package djinn.data.proposals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.data.Geometry;
import djinn.data.ImageObjects;
import djinn.data.Pixels;
import djinn.data.Scene;
import djinn.data.SceneOrigin;
import djinn.ops.Box;
import djinn.ops.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files of proposals. */
class ProposalFileTest {

    @TempDir
    private Path folder;

    private static Scene scene(String name) {
        return new Scene(
                new Pixels(20, 30, 3, new byte[1800]),
                new ImageObjects(20, 30, List.of(), 0),
                new SceneOrigin(1, name, Geometry.none(20, 30), List.of()));
    }

    private ProposalFile file(String text) throws IOException {
        return ProposalFile.read(Files.writeString(folder.resolve("some.jsonl"), text));
    }

    @Test
    void whatIsWrittenIsRead() throws IOException {
        List<Proposal> proposals = List.of(
                new Proposal(new Box(0, 0, 30, 20), .75),
                new Proposal(new Box(1.256, 2, 3, 4.5), .5),
                new Proposal(new Box(29, 19, 1, 1), .25));
        String line = ProposalFile.line("a \"b\"/1.png", scene("").image(), proposals);
        assertThat(line)
                .isEqualTo("{\"image\":\"a \\\"b\\\"/1.png\",\"width\":30,\"height\":20,\"boxes\":[[0,0,30,20],"
                        + "[1.26,2,3,4.5],[29,19,1,1]],\"scores\":[0.75,0.5,0.25]}");
        ProposalFile read = file(line + "\n\n");
        assertThat(read.images()).isEqualTo(1);
        assertThat(read.of(scene("a \"b\"/1.png"), 2000))
                .containsExactly(new Box(0, 0, 30, 20), new Box(1.26f, 2, 3, 4.5), new Box(29, 19, 1, 1));
    }

    @Test
    void theBestAreTakenClippedToTheImage() throws IOException {
        ProposalFile read = file("{\"image\":\"a\",\"width\":30,\"height\":20,\"boxes\":[[-5,-5,10,10],[40,0,5,5],"
                + "[25,15,10,10],[3,3,0,4],[1,1,2,2]],\"scores\":[0.1,0.9,0.2,0.8,0.3]}");
        assertThat(read.of(scene("a"), 2)).containsExactly(new Box(1, 1, 2, 2), new Box(25, 15, 5, 5));
        assertThat(read.of(scene("a"), 9)).contains(new Box(0, 0, 5, 5)).hasSize(3);
    }

    @Test
    void twoThousandOfAnImageAreReadAndNoneIsAsGood() throws IOException {
        String many = IntStream.range(0, 2000)
                .mapToObj(i -> "[" + i % 29 + "," + i % 19 + ",1,1]")
                .collect(Collectors.joining(","));
        ProposalFile read = file("{\"image\":\"a\",\"width\":30,\"height\":20,\"boxes\":[" + many + "]}\n"
                + "{\"image\":\"b\",\"width\":30,\"height\":20,\"boxes\":[]}");
        assertThat(read.of(scene("a"), 5000)).hasSize(2000);
        assertThat(read.of(scene("b"), 5000)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'image':'other','width':30,'height':20,'boxes':[]}"
                        + "|some.jsonl: expected proposals for the image a, found those of 1 others, first other",
                "{'image':'a','width':31,'height':20,'boxes':[]}"
                        + "|some.jsonl: the proposals of a are of an image of 20x31 (height x width), which is of 20x30",
                "{'image':'a','width':30,'height':20,'boxes':[[30,0,4,4],[0,0,0,3]]}"
                        + "|some.jsonl: all 2 proposals of a lie outside of it",
                "{'image':'a','width':30,'height':20}|some.jsonl, line 1, a: expected \"width\" and \"height\"",
                "{'image':'a','width':30,'height':20,'boxes':[[1,2,3]]}|line 1, a: expected boxes as [x, y, w, h]",
                "{'image':'a','width':30,'height':20,'boxes':[[1,2,3,-1]]}|line 1, a: expected boxes as [x, y, w, h], w",
                "{'image':'a','width':30,'height':20,'boxes':[[1,2,3,'x']]}|line 1, a: expected numbers, got",
                "{'image':'a','width':30,'height':20,'boxes':[[1,2,3,4]],'scores':[]}|as many \"scores\"",
                "{'width':30}|some.jsonl, line 1: expected \"image\"",
                "[1]|some.jsonl, line 1: expected a JSON object",
                "{|some.jsonl, line 1: expected a JSON object, got what cannot be read",
                "' '|some.jsonl: expected a line for each image, found none"
            },
            quoteCharacter = '`')
    void aFileThatDoesNotFitIsRefusedInOneLine(String text, String message) {
        assertThatThrownBy(() ->
                        file(text.replace('\'', '"').replace("\" \"", " ")).of(scene("a"), 10))
                .isInstanceOf(DataException.class)
                .hasMessageContaining(message)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
    }

    @Test
    void anImageComesOnce() {
        String line = "{\"image\":\"a\",\"width\":30,\"height\":20,\"boxes\":[]}\n";
        assertThatThrownBy(() -> file(line + line))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("some.jsonl, line 2: expected one line for each image, found a second of a");
    }
}
