package djinn.data.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.data.Batches;
import djinn.data.Feed;
import djinn.data.IouCrop;
import djinn.data.OnError;
import djinn.data.Preprocessing;
import djinn.data.RandomHorizontalFlip;
import djinn.data.Sampler;
import djinn.data.SceneBatch;
import djinn.data.SceneOrigin;
import djinn.data.ZoomOut;
import djinn.ops.Box;
import djinn.ops.DataException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Parts, batches and the check of a list of boxes. */
class SceneLoaderTest {

    private static final Preprocessing MODEL = new Preprocessing(
            32, 32, 3, List.of(0.5, 0.5, 0.5), List.of(1.0, 1.0, 1.0), Preprocessing.Fit.LETTERBOX, 1);

    @TempDir
    private Path folder;

    private ObjectData data;

    /** Ten images of 16 x 24, a grey of its own each, with a box each but the last; number 8 has one of a pixel more. */
    @BeforeEach
    void write() throws IOException {
        StringBuilder csv = new StringBuilder("image,label,x1,y1,x2,y2\n");
        for (int i = 0; i < 10; i++) {
            BufferedImage image = new BufferedImage(24, 16, BufferedImage.TYPE_INT_RGB);
            image.setRGB(0, 0, 0x10101 * i);
            ImageIO.write(image, "png", folder.resolve(i + ".png").toFile());
            csv.append(i + ".png").append(i < 9 ? ",cell," + i + ",2,20,10\n" : ",,,,,\n");
        }
        csv.append("8.png,cell,3,3,4,4\n");
        Path file = Files.writeString(folder.resolve("boxes.csv"), csv);
        data = BoxesCsv.read(file, folder, List.of());
    }

    private SceneLoader training(OnError onError) {
        return new SceneLoader(
                data.scenes(new AnnotatedImage.Wanted(3, false, false, 2, 0.1)),
                MODEL,
                32,
                List.of(
                        new ZoomOut(List.of(1.0, 2.0), 0.5),
                        new IouCrop(List.of(0.1, 0.5), List.of(0.3, 1.0), List.of(0.5, 2.0)),
                        new RandomHorizontalFlip(0.5)),
                onError,
                1 << 20);
    }

    private static List<Object> epoch(SceneLoader loader, int workers, int epoch) {
        Feed<SceneBatch> feed = loader.feed(Sampler.shuffled(10), 5, 4, workers);
        List<Object> seen = new ArrayList<>();
        try (Batches<SceneBatch> batches = feed.batches(epoch, 0)) {
            for (int i = 0; i < feed.batchesPerEpoch(); i++) {
                try (SceneBatch batch = batches.next()) {
                    seen.add(List.of(batch.objects(), batch.origins()));
                }
            }
        }
        return seen;
    }

    @Test
    void aBatchIsAFunctionOfSeedEpochAndPlace() {
        assertThat(epoch(training(OnError.FAIL), 1, 1))
                .isEqualTo(epoch(training(OnError.FAIL), 3, 1))
                .isNotEqualTo(epoch(training(OnError.FAIL), 1, 2));
    }

    @Test
    void answersAreTakenBackToTheImageAsItWasRead() {
        SceneLoader heldOut = new SceneLoader(
                data.scenes(new AnnotatedImage.Wanted(3, false, true, 0, 0)), MODEL, 32, List.of(), OnError.FAIL, 0);
        try (SceneBatch batch = heldOut.batch(new int[] {4, 9}, 0, 0)) {
            SceneOrigin origin = batch.origins().get(0);
            assertThat(origin.id()).isEqualTo(5);
            assertThat(origin.name()).isEqualTo("4.png");
            // 24 columns become 32, 16 rows 21, which begin at row 5 (of 5.5, to the even number that is 6)
            Box box = batch.objects().get(0).objects().get(0).box();
            assertThat(box.x()).isCloseTo(4 * 32.0 / 24, Offset.offset(1e-9));
            Box back = origin.geometry().source(box);
            assertThat(back.x()).isCloseTo(4, Offset.offset(1e-9));
            assertThat(back.y()).isCloseTo(2, Offset.offset(1e-9));
            assertThat(back.width()).isCloseTo(16, Offset.offset(1e-9));
            assertThat(back.height()).isCloseTo(8, Offset.offset(1e-9));
            assertThat(batch.objects().get(1).objects()).isEmpty();
        }
    }

    @Test
    void whatCannotBeReadIsSkippedAndNamedOrStops() throws IOException {
        Files.write(folder.resolve("3.png"), new byte[0]);
        SceneLoader loader = training(OnError.SKIP);
        try (SceneBatch batch = loader.batch(new int[] {2, 3}, 0, 0)) {
            assertThat(batch.size()).isEqualTo(1);
        }
        assertThat(loader.skipped()).containsOnlyKeys("3.png");
        assertThatThrownBy(() -> training(OnError.FAIL).load(3, 0, 0))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("3.png");
    }

    @Test
    void smallObjectsAreLeftOutOfTrainingAndCounted() {
        DetectionSplits splits =
                DetectionSplits.of(data, data, Optional.empty()).withoutSmaller(2);
        assertThat(splits.train().objects()).isEqualTo(9);
        assertThat(splits.validation().objects()).isEqualTo(10);
        assertThat(splits.summary())
                .contains("boxes smaller than wanted, with which training does without: 1 (8.png line 12)");
        assertThat(training(OnError.FAIL).original(8).orElseThrow().objects().objects())
                .hasSize(1);
    }

    @Test
    void partsAreDrawnBySeed() {
        DetectionSplits splits = DetectionSplits.ofRatio(data, 0.2, 0.1, 3);
        assertThat(splits.train().images()).hasSize(7);
        assertThat(splits.validation().images()).hasSize(2);
        assertThat(splits.test().orElseThrow().images()).hasSize(1);
        List<AnnotatedImage> all = new ArrayList<>(splits.train().images());
        all.addAll(splits.validation().images());
        all.addAll(splits.test().orElseThrow().images());
        assertThat(all).containsExactlyInAnyOrderElementsOf(data.images());
        assertThat(DetectionSplits.ofRatio(data, 0.2, 0.1, 3).fingerprint()).isEqualTo(splits.fingerprint());
        assertThat(IntStream.range(4, 9)
                        .mapToObj(seed ->
                                DetectionSplits.ofRatio(data, 0.2, 0.1, seed).fingerprint()))
                .doesNotContain(splits.fingerprint());
        assertThat(splits.summary().get(0))
                .startsWith("7 training, 2 validation, 1 test images with objects of 1 class");
        assertThatThrownBy(() -> DetectionSplits.ofRatio(data, 0.5, 0.5, 3))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theCheckNamesWhatIsWrong() throws IOException {
        Files.write(folder.resolve("3.png"), new byte[] {1, 2, 3});
        Files.copy(folder.resolve("1.png"), folder.resolve("twin.png"));
        Path csv = Files.writeString(
                folder.resolve("val.csv"),
                "image,label,x1,y1,x2,y2\ntwin.png,cell,20,3,30,12\ntwin.png,cell,1,1,1,4\n");
        ObjectData validation = BoxesCsv.read(csv, folder, List.of("cell"));
        DataCheck check = DataCheck.of(DetectionSplits.of(data, validation, Optional.empty()));
        assertThat(check.findings())
                .extracting(finding -> finding.kind() + " " + finding.file() + " " + finding.id())
                .containsExactlyInAnyOrder(
                        "IMAGE_UNREADABLE 3.png image 4",
                        "IMAGE_EMPTY 9.png image 10",
                        "BOX_FLAT twin.png line 3",
                        "BOX_CLIPPED twin.png line 2",
                        "IMAGE_SHARED twin.png image 1");
        DataCheck.Part train = check.counts().get(0);
        assertThat(train.images()).isEqualTo(10);
        assertThat(train.unreadable()).isEqualTo(1);
        assertThat(train.empty()).isEqualTo(1);
        assertThat(train.classes()).containsExactly(new DataCheck.ClassCount("cell", 9));
        assertThat(train.sizes().least()).isEqualTo(1);
        assertThat(train.sizes().most()).isEqualTo(Math.sqrt(20 * 8));
        assertThat(train.sizes().small()).isEqualTo(9);
        // of (20, 3) to (30, 12) the columns up to 24 are left: 4 x 9
        assertThat(check.counts().get(1).sizes().median()).isEqualTo(6);
    }

    /** A photo stored 16 x 24 that Exif turns a quarter clockwise: what is on the left comes to be at the top. */
    @Test
    void boxesOfAPhotoThatExifTurnsAreOfTheSizeTheyAreSaidToBe() throws IOException {
        ByteArrayOutputStream plain = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(24, 16, BufferedImage.TYPE_INT_RGB), "jpg", plain);
        byte[] jpeg = plain.toByteArray();
        ByteBuffer exif = ByteBuffer.allocate(4 + 6 + 8 + 2 + 12 + 4);
        exif.putShort((short) 0xFFE1).putShort((short) (exif.capacity() - 2));
        exif.put("Exif\0\0MM".getBytes(StandardCharsets.US_ASCII));
        exif.putShort((short) 42).putInt(8).putShort((short) 1);
        exif.putShort((short) 0x0112).putShort((short) 3).putInt(1).putShort((short) 6);
        ByteArrayOutputStream turned = new ByteArrayOutputStream();
        turned.write(jpeg, 0, 2);
        turned.writeBytes(exif.array());
        turned.write(jpeg, 2, jpeg.length - 2);
        Path photo = Files.write(folder.resolve("photo.jpg"), turned.toByteArray());
        // stored (2, 3) to (6, 8); turned, columns are 16 less the rows: 8 to 13, and rows are the columns: 2 to 6
        assertThat(box(photo, new AnnotatedImage.Extent(16, 24), new Box(2, 3, 4, 5)))
                .isEqualTo(new Box(8, 2, 5, 4));
        assertThat(box(photo, new AnnotatedImage.Extent(24, 16), new Box(2, 3, 4, 5)))
                .isEqualTo(new Box(2, 3, 4, 5));
    }

    private static Box box(Path photo, AnnotatedImage.Extent extent, Box told) {
        Annotation annotation = new Annotation("line 1", 0, told, Optional.empty(), false);
        return new AnnotatedImage(photo, "photo", 1, Optional.of(extent), false, List.of(annotation))
                .read(new AnnotatedImage.Wanted(3, false, false, 0, 0))
                .objects()
                .objects()
                .get(0)
                .box();
    }
}
