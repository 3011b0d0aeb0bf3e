package djinn.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import djinn.golden.Golden;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class RunLengthMaskTest {

    private static final JsonNode RECORD = Golden.read("coco.json");
    private static final int HEIGHT = 96;
    private static final int WIDTH = 120;

    @Test
    void runsGoColumnByColumn() {
        boolean[] pixels = {
            false, true, true,
            false, true, false
        };
        RunLengthMask mask = RunLengthMask.of(2, 3, pixels);
        assertThat(mask.counts()).containsExactly(2, 3, 1);
        assertThat(mask.area()).isEqualTo(3);
        assertThat(mask.box()).isEqualTo(new Box(1, 0, 2, 2));
        assertThat(mask.pixels()).containsExactly(pixels);
        assertThat(mask.string()).isEqualTo("231");
        assertThat(RunLengthMask.ofString(2, 3, "231")).isEqualTo(mask).hasSameHashCodeAs(mask);
        assertThat(RunLengthMask.ofCounts(2, 3, List.of(2, 3, 1))).isEqualTo(mask);
        assertThat(RunLengthMask.ofCounts(2, 3, List.of(1, 0, 1, 2, 0, 1, 1, 0)))
                .isEqualTo(mask);
    }

    @Test
    void stringsHoldSixBitsACharacterAndDifferencesFromTheFourthRunOn() {
        // 100 = 3 * 32 + 4 takes two digits, 'T' = '0' + 32 + 4 and '3'; the fourth run is 2 - 5 = -3, which is 'M' =
        // '0' + 29; the fifth 17 - 100 = -83 = -3 * 32 + 13: ']' = '0' + 32 + 13 and 'M'; 16 is '0' + 32 + 16 and '0'.
        List<Integer> counts = List.of(16, 5, 100, 2, 17);
        RunLengthMask mask = RunLengthMask.ofCounts(10, 14, counts);
        assertThat(mask.string()).isEqualTo("`05T3M]M");
        assertThat(RunLengthMask.ofString(10, 14, "`05T3M]M").counts()).isEqualTo(counts);
    }

    @Test
    void emptyAndFullMasksAreMasks() {
        RunLengthMask empty = RunLengthMask.of(2, 2, new boolean[4]);
        RunLengthMask full = RunLengthMask.of(2, 2, new boolean[] {true, true, true, true});
        assertThat(empty.counts()).containsExactly(4);
        assertThat(empty.box()).isEqualTo(new Box(0, 0, 0, 0));
        assertThat(full.counts()).containsExactly(0, 4);
        assertThat(full.box()).isEqualTo(new Box(0, 0, 2, 2));
        assertThat(empty.iou(empty)).isZero();
        assertThat(empty.iou(full)).isZero();
        assertThat(empty.inside(full)).isZero();
        assertThat(RunLengthMask.union(List.of(empty, full))).isEqualTo(full);
        assertThat(RunLengthMask.intersection(List.of(empty, full))).isEqualTo(empty);
    }

    @Test
    void anUprightRectangleCoversThePixelsWhoseCentresItHolds() {
        List<Double> rectangle = List.of(1., 1., 1., 3., 4., 3., 4., 1.);
        RunLengthMask mask = RunLengthMask.ofPolygons(5, 6, List.of(rectangle));
        // Columns 1 to 3, rows 1 and 2: 6 pixels before, then 2 of every 5.
        assertThat(mask.counts()).containsExactly(6, 2, 3, 2, 3, 2, 12);
        assertThat(mask.box()).isEqualTo(new Box(1, 1, 3, 2));
        List<Double> outside = List.of(-9., -9., -9., 9., 99., 9., 99., -9.);
        assertThat(RunLengthMask.ofPolygons(5, 6, List.of(outside)).counts()).containsExactly(0, 30);
        List<Double> beside = List.of(7., 1., 9., 1., 9., 4.);
        assertThat(RunLengthMask.ofPolygons(5, 6, List.of(beside)).area()).isZero();
    }

    @Test
    void polygonsAreThoseOfPycocotools() {
        assertThat(RECORD.get("polygons").size()).isGreaterThan(20);
        for (JsonNode polygon : RECORD.get("polygons")) {
            RunLengthMask mask = RunLengthMask.ofPolygons(HEIGHT, WIDTH, Golden.polygons(polygon.get("polygons")));
            assertThat(mask.string()).isEqualTo(polygon.get("string").asString());
            assertThat(mask.area()).isEqualTo(polygon.get("area").asLong());
            double[] box = Golden.doubles(polygon.get("box"));
            assertThat(mask.box()).isEqualTo(new Box(box[0], box[1], box[2], box[3]));
            assertThat(RunLengthMask.ofString(HEIGHT, WIDTH, mask.string())).isEqualTo(mask);
        }
    }

    @Test
    void overlapsAreThoseOfPycocotools() {
        int n = RECORD.get("iou").size();
        List<RunLengthMask> masks = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            masks.add(RunLengthMask.ofPolygons(
                    HEIGHT, WIDTH, Golden.polygons(RECORD.get("polygons").get(i).get("polygons"))));
        }
        int touching = 0;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                double iou = RECORD.get("iou").get(i).get(j).asDouble();
                double inside = RECORD.get("inside").get(i).get(j).asDouble();
                assertThat(masks.get(i).iou(masks.get(j))).isCloseTo(iou, within(1e-12));
                assertThat(masks.get(i).inside(masks.get(j))).isCloseTo(inside, within(1e-12));
                touching += i != j && iou > 0 ? 1 : 0;
            }
        }
        assertThat(touching).isPositive();
        assertThat(RunLengthMask.union(masks.subList(0, 4)).string())
                .isEqualTo(RECORD.get("union").asString());
        RunLengthMask three = RunLengthMask.union(masks.subList(0, 3));
        assertThat(RunLengthMask.intersection(List.of(masks.get(0), three)).string())
                .isEqualTo(RECORD.get("intersection").asString());
    }

    @Test
    void mergesAndOverlapsAreThoseOfThePixels() {
        Random random = new Random(7);
        for (int trial = 0; trial < 50; trial++) {
            int height = 1 + random.nextInt(6);
            int width = 1 + random.nextInt(6);
            boolean[] a = pixels(random, height * width);
            boolean[] b = pixels(random, height * width);
            boolean[] both = new boolean[a.length];
            boolean[] any = new boolean[a.length];
            int shared = 0;
            int all = 0;
            for (int i = 0; i < a.length; i++) {
                both[i] = a[i] && b[i];
                any[i] = a[i] || b[i];
                shared += both[i] ? 1 : 0;
                all += any[i] ? 1 : 0;
            }
            RunLengthMask first = RunLengthMask.of(height, width, a);
            RunLengthMask second = RunLengthMask.of(height, width, b);
            assertThat(RunLengthMask.union(List.of(first, second))).isEqualTo(RunLengthMask.of(height, width, any));
            assertThat(RunLengthMask.intersection(List.of(first, second)))
                    .isEqualTo(RunLengthMask.of(height, width, both));
            assertThat(first.iou(second)).isEqualTo(shared == 0 ? 0 : shared / (double) all);
            assertThat(first.inside(second)).isEqualTo(shared == 0 ? 0 : shared / (double) first.area());
            assertThat(first.pixels()).containsExactly(a);
            assertThat(RunLengthMask.ofString(height, width, first.string())).isEqualTo(first);
        }
    }

    @Test
    void whatIsNoMaskIsRefused() {
        assertThatThrownBy(() -> RunLengthMask.ofCounts(2, 3, List.of(2, 3)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("2 x 3 = 6, got 5");
        assertThatThrownBy(() -> RunLengthMask.ofCounts(2, 3, List.of(7, -1))).hasMessageContaining("got -1");
        assertThatThrownBy(() -> RunLengthMask.ofString(2, 3, "2 1")).hasMessageContaining("got ' ' at 1");
        assertThatThrownBy(() -> RunLengthMask.ofString(2, 3, "T")).hasMessageContaining("got 'T'");
        assertThatThrownBy(() -> RunLengthMask.ofString(2, 3, "oooooooooooo0")).hasMessageContaining("at 12");
        assertThatThrownBy(() -> RunLengthMask.ofString(2, 3, "O")).hasMessageContaining("got -1");
        assertThatThrownBy(() -> RunLengthMask.of(2, 3, new boolean[5])).hasMessageContaining("got 5");
        assertThatThrownBy(() -> RunLengthMask.of(0, 3, new boolean[0])).hasMessageContaining("0 x 3");
        assertThatThrownBy(() -> RunLengthMask.ofPolygons(2, 3, List.of())).hasMessageContaining("got none");
        assertThatThrownBy(() -> RunLengthMask.ofPolygons(2, 3, List.of(List.of(1., 1., 2., 2.))))
                .hasMessageContaining("got 4 values");
        assertThatThrownBy(() -> RunLengthMask.ofPolygons(2, 3, List.of(List.of(1., 1., 2., 2., 1., Double.NaN))))
                .hasMessageContaining("NaN");
        RunLengthMask small = RunLengthMask.of(1, 1, new boolean[1]);
        RunLengthMask large = RunLengthMask.of(1, 2, new boolean[2]);
        assertThatThrownBy(() -> small.iou(large)).hasMessageContaining("1 x 1 and 1 x 2");
        assertThatThrownBy(() -> RunLengthMask.union(List.of(small, large))).hasMessageContaining("one image");
    }

    private static boolean[] pixels(Random random, int size) {
        boolean[] pixels = new boolean[size];
        for (int i = 0; i < size; i++) {
            pixels[i] = random.nextInt(3) > 0;
        }
        return pixels;
    }
}
