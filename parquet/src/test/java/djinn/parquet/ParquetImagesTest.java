package djinn.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.data.Dataset;
import djinn.data.ImageLoader;
import djinn.data.Interpolation;
import djinn.data.OnError;
import djinn.data.Preprocessing;
import djinn.data.Splits;
import djinn.ops.DataException;
import djinn.tasks.Extensions;
import djinn.tasks.classification.ImageSources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files written by Hugging Face's datasets 5.0 ({@code hub}, row groups of two) and by pyarrow 25: image i is 6 wide and 5
 * high, red 10 i, green the column, blue the row, and its class is i mod 3 of apple, pear, plum.
 */
class ParquetImagesTest {

    private static final Path FILES = Path.of("src/test/resources/djinn/parquet");

    @TempDir
    private Path folder;

    private static Splits read(Path root) {
        return ParquetImages.read(root.toString(), .5, 0);
    }

    private static List<Integer> numbers(Dataset images) {
        return IntStream.range(0, images.size())
                .mapToObj(i -> (images.image(i, 3).values()[0] & 0xFF) / 10)
                .toList();
    }

    @Test
    void theHubsFilesOpenAsTheyAre() {
        Splits splits = read(FILES.resolve("hub"));
        assertThat(splits.classes()).containsExactly("apple", "pear", "plum");
        assertThat(numbers(splits.train())).containsExactly(0, 1, 2, 3, 4, 5, 6);
        assertThat(numbers(splits.validation())).containsExactly(7, 8, 9);
        assertThat(splits.train().labels()).containsExactly(0, 1, 2, 0, 1, 2, 0);
        assertThat(splits.validation().labels()).containsExactly(1, 2, 0);
        assertThat(splits.train().name(5)).isEqualTo("train-00001-of-00002.parquet row 1");
        // the last pixel
        assertThat(Arrays.copyOfRange(splits.train().image(6, 3).values(), 87, 90))
                .containsExactly(60, 5, 4);
        assertThat(splits.notes()).isEmpty();
    }

    @Test
    void imagesComeInAnyOrderFromManyThreads() {
        Dataset train = read(FILES.resolve("hub")).train();
        int[] order = new Random(1).ints(200, 0, train.size()).toArray();
        List<Integer> reds = IntStream.of(order)
                .parallel()
                .mapToObj(i -> train.image(i, 3).values()[0] & 0xFF)
                .toList();
        assertThat(reds)
                .containsExactlyElementsOf(
                        IntStream.of(order).mapToObj(i -> 10 * i).toList());
    }

    @Test
    void bytesAloneAndLabelsAsTextsOpenWhateverPacksThem() {
        for (String packing : new String[] {"none", "gzip", "zstd", "lz4"}) {
            Splits splits = read(FILES.resolve("plain-" + packing + ".parquet"));
            assertThat(splits.classes()).as(packing).containsExactly("apple", "pear", "plum");
            assertThat(numbers(splits.train()).size()
                            + numbers(splits.validation()).size())
                    .as(packing)
                    .isEqualTo(6);
            // rows 0 to 5: pear, apple, plum and again
            int[] labels = splits.train().labels();
            List<Integer> numbers = numbers(splits.train());
            for (int i = 0; i < labels.length; i++) {
                assertThat(splits.classes().get(labels[i]))
                        .isEqualTo(List.of("pear", "apple", "plum").get(numbers.get(i) % 3));
            }
        }
    }

    @Test
    void aPackingThatCannotBeReadIsOneLine() {
        assertThatThrownBy(() -> read(FILES.resolve("plain-brotli.parquet")))
                .isInstanceOf(DataException.class)
                .hasMessageContaining(
                        "plain-brotli.parquet: expected a whole Parquet file, packed by snappy, gzip, zstd");
    }

    @Test
    void whatIsNoImageIsNamedWhenItIsAskedFor() throws IOException {
        Files.copy(FILES.resolve("spoilt.parquet"), folder.resolve("train.parquet"));
        Files.copy(FILES.resolve("hub/data/test-00000-of-00001.parquet"), folder.resolve("val.parquet"));
        Splits splits = read(folder);
        assertThat(splits.classes()).containsExactly("apple", "pear", "plum");
        assertThatThrownBy(() -> splits.train().image(1, 3))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("train.parquet row 1: is not an image");
        assertThatThrownBy(() -> splits.train().image(2, 3))
                .hasMessageContaining("train.parquet row 2: expected an image, but the file is empty");
        Preprocessing size = new Preprocessing(
                5,
                6,
                3,
                List.of(.5, .5, .5),
                List.of(.5, .5, .5),
                Preprocessing.Fit.STRETCH,
                1,
                Interpolation.BILINEAR);
        ImageLoader loader = new ImageLoader(splits.train(), size, List.of(), OnError.SKIP, 0);
        assertThat(IntStream.range(0, 4).filter(i -> loader.original(i).isPresent()))
                .containsExactly(0, 3);
        assertThat(loader.skipped()).containsOnlyKeys("train.parquet row 1", "train.parquet row 2");
    }

    @Test
    void damagedFilesAreOneLine() throws IOException {
        byte[] bytes = Files.readAllBytes(FILES.resolve("plain-zstd.parquet"));
        for (int length : new int[] {0, 3, 100, bytes.length - 1}) {
            Files.write(folder.resolve("a.parquet"), Arrays.copyOf(bytes, length));
            assertThatThrownBy(() -> read(folder))
                    .as("%d bytes", length)
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("a.parquet: expected a whole Parquet file");
        }
    }

    @Test
    void aGroupIsReadOnceIntoOneTemporaryFile() throws IOException {
        ParquetTable table = ParquetTable.open(FILES.resolve("hub/data/train-00000-of-00002.parquet"));
        assertThat(table.rows()).containsExactly(2, 2);
        SpilledGroups images = new SpilledGroups(table, folder);
        byte[] first = images.read(1, 0, "a");
        byte[] second = images.read(1, 1, "b");
        assertThat(folder.toFile().listFiles()).hasSize(1);
        Path file = folder.toFile().listFiles()[0].toPath();
        assertThat(Files.size(file)).isEqualTo(first.length + second.length);
        byte[] third = images.read(0, 0, "c");
        assertThat(images.read(1, 0, "a")).isEqualTo(first).isNotEqualTo(third);
        assertThat(folder.toFile().listFiles()).hasSize(1);
        SpilledGroups nowhere = new SpilledGroups(table, folder.resolve("none"));
        assertThatThrownBy(() -> nowhere.read(0, 0, "a"))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("cannot keep the images of ")
                .hasMessageContaining("no such file or directory; free space there");
    }

    @Test
    void theSourceJoinsByItself() {
        Extensions.all();
        assertThat(ImageSources.names()).contains("parquet");
        assertThat(ImageSources.named("parquet").keys())
                .containsExactlyInAnyOrder("root", "val_fraction", "split_seed");
    }
}
