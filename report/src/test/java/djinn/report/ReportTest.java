package djinn.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.ops.DataException;
import djinn.report.RecipeLine.Mark;
import djinn.training.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

class ReportTest {

    @TempDir
    private Path folder;

    private static JsonNode data(String html) {
        String begin = "<script type=\"application/json\" id=\"data\">";
        int from = html.indexOf(begin) + begin.length();
        return new ObjectMapper().readTree(html.substring(from, html.indexOf("</script>", from)));
    }

    @Test
    void whateverANameHoldsStaysWithinTheData() throws IOException {
        RunFolder run = ExampleRun.write(folder, "digits");
        String html = Report.of(run, ExampleRun.trained(ExampleRun.exhibits(2))).html();
        assertThat(html).doesNotContain(ExampleRun.SCRIPT);
        assertThat(data(html).at("/exhibits/1/names/9").asString()).isEqualTo(ExampleRun.SCRIPT);
        String all = "<!-- <script> ]]> & \u2028 \u2029 \" \\ {{script}}";
        assertThat(Page.inScript(Map.of("a", all))).doesNotContain("<", ">", "\u2028", "\u2029");
        assertThat(new ObjectMapper()
                        .readTree(Page.inScript(Map.of("a", all)))
                        .get("a")
                        .asString())
                .isEqualTo(all);
        assertThat(Page.html("<b>", Map.of("a", all), Page.ALONE))
                .contains("<title>&lt;b&gt;</title>", "Content-Security-Policy\" content=\"default-src 'none';")
                .containsOnlyOnce("function start()");
    }

    @Test
    void fiveHundredPicturesStayUnderThreeMegabytes() throws IOException {
        RunFolder run = ExampleRun.write(folder, "digits");
        Report report = Report.of(run, ExampleRun.trained(List.of(ExampleRun.gallery(500))));
        assertThat(report.html().length()).isLessThan(3_000_000 + 200_000);
        JsonNode gallery = data(report.html()).at("/exhibits/0");
        long pictures = 0;
        for (JsonNode picture : gallery.get("pictures")) {
            pictures += picture.get("source").asString().length();
        }
        assertThat(pictures).isLessThan(3_000_000);
        assertThat(gallery.get("smaller").asString())
                .contains("250 of 500 made smaller for this page")
                .contains("of up to 320");
        // the smallest are held as they are
        assertThat(gallery.at("/pictures/0/width").asInt()).isEqualTo(8);
        assertThat(gallery.at("/pictures/0/source").asString()).startsWith("data:image/png");
        assertThat(gallery.at("/pictures/1/source").asString()).startsWith("data:image/jpeg");
    }

    @Test
    void whatDiffersFromTheDefaultsIsMarked() throws IOException {
        RunFolder run =
                ExampleRun.write(folder, "digits", "train.clip_norm=1", "data.workers=1", "optimizer.momentum=0.90");
        Map<String, Mark> marks =
                RunContents.of(run).recipe().stream().collect(Collectors.toMap(RecipeLine::key, RecipeLine::mark));
        assertThat(marks)
                .containsEntry("train.batch_size", Mark.USUAL)
                .containsEntry("train.epochs", Mark.GIVEN)
                .containsEntry("train.clip_norm", Mark.CHANGED)
                .containsEntry("train.layer_decay", Mark.USUAL)
                .containsEntry("optimizer.weight_decay", Mark.CHANGED)
                .containsEntry("optimizer.nesterov", Mark.USUAL);
        assertThat(marks.values()).doesNotContain(Mark.UNKNOWN);
    }

    @Test
    void whatCannotBeHadIsSaid() throws IOException {
        RunFolder run = ExampleRun.write(folder, "digits");
        Report report = Report.of(run, List.of(), 4);
        assertThat(report.missing()).extracting(Missing::part).containsExactly(Missing.EXHIBITS, Missing.SUMMARY);
        assertThat(report.missing().get(0).why()).contains("best.safetensors");
        assertThat(data(report.html()).at("/missing/0/why").asString()).contains("best.safetensors");

        Files.writeString(
                run.file("recipe.yaml"), Files.readString(run.file("recipe.yaml")) + "of_another_version: 1\n");
        Report other = Report.of(run, List.of(), 4);
        assertThat(other.missing()).anyMatch(missing -> missing.why().contains("unknown key 'of_another_version'"));
        JsonNode shown = data(other.html());
        assertThat(shown.at("/run/facts/model").asString()).isEqualTo("nin_small");
        assertThat(shown.at("/run/results/val_accuracy/3").asDouble()).isEqualTo(0.94);
        assertThat(shown.at("/run/recipe/0/mark").asString()).isEqualTo("UNKNOWN");

        Files.writeString(run.file("results.csv"), "epoch,val_loss\n1,0.5\n2\n");
        assertThat(Report.of(run, List.of(), 4).missing())
                .anyMatch(missing -> missing.why().contains("as results"));
        assertThatThrownBy(() -> Report.of(ExampleRun.write(folder, "fine"), List.of("optimizer.rl=1"), 4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("rl");
    }

    @Test
    void onlyAPageIsWrittenOver() throws IOException {
        RunFolder run = ExampleRun.write(folder, "digits");
        Report report = Report.of(run, ExampleRun.trained(List.of()));
        Path file = folder.resolve("page.html");
        report.write(file);
        report.write(file);
        assertThat(file).content().startsWith("<!DOCTYPE html>").isEqualTo(report.html());
        Files.writeString(file, "mine");
        assertThatThrownBy(() -> report.write(file))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("is left alone");
        assertThat(file).content().isEqualTo("mine");
    }

    @Test
    void picturesOfEpochsAreSpreadOverTheRun() throws IOException {
        RunFolder run = ExampleRun.write(folder, "digits");
        Path samples = Files.createDirectories(run.file("samples"));
        for (int epoch : IntStream.rangeClosed(1, 40).toArray()) {
            Files.createFile(samples.resolve(String.format("epoch-%04d.png", epoch)));
        }
        Files.createFile(run.file("curves.png"));
        Files.createFile(run.file("confusion_matrix.png"));
        FolderPictures pictures = FolderPictures.of(run.path());
        assertThat(pictures.files())
                .hasSize(13)
                .startsWith("confusion_matrix.png", "samples/epoch-0001.png")
                .endsWith("samples/epoch-0040.png");
        assertThat(pictures.leftOut()).isEqualTo(28);
        // they hold nothing: that is said, and the rest is shown
        assertThat(Report.of(run, ExampleRun.trained(List.of())).missing()).hasSize(13);
    }

    @Test
    void comparedAreDifferentRuns() throws IOException {
        RunFolder one = ExampleRun.write(folder, "one");
        assertThatThrownBy(() -> Comparison.of(List.of(one, one)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("twice");
        RunFolder other = ExampleRun.write(folder.resolve("b"), "one", "optimizer={name: adamw, lr: 0.1}");
        JsonNode shown = data(Comparison.of(List.of(one, other)).html());
        assertThat(shown.at("/names/1").asString()).isEqualTo(other.path().toString());
        List<String> keys = new java.util.ArrayList<>();
        shown.get("differences").forEach(row -> keys.add(row.get("key").asString()));
        assertThat(keys)
                .contains("optimizer.name", "optimizer.momentum", "optimizer.betas")
                .doesNotContain("optimizer.lr");
    }
}
