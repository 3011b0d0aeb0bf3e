package djinn.tasks.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.data.Batch;
import djinn.data.Batches;
import djinn.data.Feed;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HeldOutImagesTest {

    /** Seven images in batches of two. */
    private static final Feed<Batch> FEED = new Feed<>() {
        @Override
        public int batchesPerEpoch() {
            return 4;
        }

        @Override
        public int batchSize(int index) {
            return index < 3 ? 2 : 1;
        }

        @Override
        public Batches<Batch> batches(int epoch, int first) {
            throw new AssertionError("nobody asks for images");
        }
    };

    @Test
    void skippedImagesAndBatchesOfThemAreLeftOut() {
        HeldOutImages images = new HeldOutImages(
                FEED, place -> "image " + place, () -> Map.of("image 1", "", "image 2", "", "image 3", ""));
        assertThat(images.next(1)).containsExactly(0);
        assertThat(images.next(2)).containsExactly(4, 5);
        assertThat(images.next(1)).containsExactly(6);
        assertThat(images.name(6)).isEqualTo("image 6");
        assertThatThrownBy(() -> images.next(1)).isInstanceOf(IllegalStateException.class);
    }
}
