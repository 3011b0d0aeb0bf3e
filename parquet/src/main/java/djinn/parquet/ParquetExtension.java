package djinn.parquet;

import djinn.data.Splits;
import djinn.tasks.Extension;
import djinn.tasks.classification.ClassificationRecipe;
import djinn.tasks.classification.ImageSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The source {@code parquet}, which joins where this module is on the class path. */
public final class ParquetExtension implements Extension {

    /** Parquet files of images and labels. */
    private record ParquetSource() implements ImageSource {

        @Override
        public void require(Optional<String> root, Optional<String> labels) {
            if (root.isEmpty()) {
                throw new IllegalArgumentException("expected root, the folder of the Parquet files, with this source");
            }
        }

        @Override
        public Set<String> keys() {
            return Set.of("root", "val_fraction", "split_seed");
        }

        @Override
        public Splits read(ClassificationRecipe.Data data) {
            return ParquetImages.read(data.root().orElseThrow(), data.valFraction(), data.splitSeed());
        }
    }

    @Override
    public Map<String, ImageSource> sources() {
        return Map.of("parquet", new ParquetSource());
    }
}
