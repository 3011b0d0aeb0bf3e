package djinn.tasks.classification;

import static org.assertj.core.api.Assertions.assertThat;

import djinn.tasks.TinyRun;
import djinn.tasks.TrainedRun;
import djinn.training.exhibit.Cloud;
import djinn.training.exhibit.Exhibit;
import djinn.training.exhibit.Gallery;
import djinn.training.exhibit.Matrix;
import djinn.training.exhibit.Table;
import djinn.training.exhibit.Verdict;
import djinn.training.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassificationExhibitsTest {

    @TempDir
    private Path folder;

    private static <E extends Exhibit> Stream<E> all(List<Exhibit> exhibits, Class<E> type) {
        return exhibits.stream().filter(type::isInstance).map(type::cast);
    }

    private static <E extends Exhibit> E titled(List<Exhibit> exhibits, Class<E> type, String title) {
        return all(exhibits, type)
                .filter(exhibit -> exhibit.title().equals(title))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void namesStayWithTheirImagesWhereSomeCannotBeRead() throws IOException {
        TinyRun tiny = new TinyRun(folder);
        // of nine held-out images two, one of them the first
        Files.writeString(tiny.images().resolve("val/class0/0.png"), "no image");
        Files.writeString(tiny.images().resolve("val/class1/1.png"), "no image");
        Path run = tiny.train(
                "run",
                "model.name=cifar_resnet20",
                "train.epochs=1",
                "data.on_error=skip",
                "data.mix=[{name: mixup, alpha: 1}]");
        try (TrainedRun trained = TrainedRun.open(RunFolder.open(run), List.of())) {
            List<Exhibit> exhibits = trained.exhibits(20);
            assertThat(titled(exhibits, Matrix.class, "Confusion").counts().stream()
                            .map(row -> row.stream().mapToLong(count -> count).sum()))
                    .containsExactly(2L, 2L, 3L);
            assertThat(titled(exhibits, Table.class, "Classes").rows()).hasSize(3);
            Gallery drawn = titled(exhibits, Gallery.class, "Drawn at random");
            assertThat(drawn.pictures()).hasSize(7).allSatisfy(picture -> {
                String label = Path.of(picture.name()).getParent().getFileName().toString();
                assertThat(picture.caption()).startsWith(label);
                assertThat(picture.verdict())
                        .isEqualTo(picture.caption().contains("taken for") ? Verdict.WRONG : Verdict.RIGHT);
                assertThat(picture.pixels()).hasToString("8x8x1");
            });
            Cloud map = titled(exhibits, Cloud.class, "Map of images");
            assertThat(map.note()).contains("features before the head").contains("all held-out images");
            assertThat(map.points())
                    .hasSize(7)
                    .allSatisfy(point -> assertThat(point.name()).contains(point.group()));
            Gallery learnt = titled(exhibits, Gallery.class, "Training images");
            // images are mixed with one another, and so is what is to be told of them
            assertThat(learnt.pictures())
                    .hasSize(4)
                    .allMatch(
                            picture -> picture.caption().matches("class[0-2] [01]\\.\\d\\d(, class[0-2] 0\\.\\d\\d)?"));
            assertThat(trained.exhibits(2).stream().filter(Gallery.class::isInstance))
                    .allMatch(gallery -> ((Gallery) gallery).pictures().size() <= 2);
        }
    }
}
