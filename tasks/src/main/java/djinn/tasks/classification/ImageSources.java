package djinn.tasks.classification;

import djinn.data.CifarFolder;
import djinn.data.CsvLabels;
import djinn.data.Digits;
import djinn.data.IdxFolder;
import djinn.data.ImageFolder;
import djinn.data.JsonLabels;
import djinn.data.OxfordFlowers;
import djinn.data.OxfordPets;
import djinn.data.Splits;
import djinn.data.WebDataset;
import djinn.ops.Nearest;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** The table of sources of images, by what {@code data.source} says. */
public final class ImageSources {

    private static final Map<String, ImageSource> TABLE = new LinkedHashMap<>();

    static {
        TABLE.put("digits", new Embedded());
        TABLE.put("image_folder", new Folder());
        TABLE.put("csv", new Csv());
        TABLE.put("jsonl", new JsonLines());
        TABLE.put("idx", new Idx());
        TABLE.put("cifar", new Published("the folder of CIFAR's binary files", CifarFolder::read));
        TABLE.put("oxford_pets", new Published("the folder of images and annotations", OxfordPets::read));
        TABLE.put("oxford_flowers", new Published("the folder of jpg and the two .mat files", OxfordFlowers::read));
        TABLE.put("webdataset", new Tars());
    }

    private static final Set<String> OF_FOLDER = Set.of("root", "val_fraction", "split_seed");

    private ImageSources() {}

    /** What comes with Djinn. */
    private record Embedded() implements ImageSource {

        @Override
        public Set<String> keys() {
            return Set.of();
        }

        @Override
        public Splits read(ClassificationRecipe.Data data) {
            return Digits.splits();
        }
    }

    /** One folder per class. */
    private record Folder() implements ImageSource {

        @Override
        public void require(Optional<String> root, Optional<String> labels) {
            if (root.isEmpty()) {
                throw new IllegalArgumentException("expected root, the folder of the images, with this source");
            }
        }

        @Override
        public Set<String> keys() {
            return OF_FOLDER;
        }

        @Override
        public Splits read(ClassificationRecipe.Data data) {
            return ImageFolder.read(Path.of(data.root().orElseThrow()), data.valFraction(), data.splitSeed());
        }
    }

    /** A file of names and labels. */
    private record Csv() implements ImageSource {

        @Override
        public void require(Optional<String> root, Optional<String> labels) {
            new Folder().require(root, labels);
            if (labels.isEmpty()) {
                throw new IllegalArgumentException("expected labels, a CSV file, with this source");
            }
        }

        @Override
        public Splits read(ClassificationRecipe.Data data) {
            return CsvLabels.read(
                    Path.of(data.labels().orElseThrow()),
                    Path.of(data.root().orElseThrow()),
                    data.valFraction(),
                    data.splitSeed());
        }
    }

    /** A file of JSON lines. */
    private record JsonLines() implements ImageSource {

        @Override
        public void require(Optional<String> root, Optional<String> labels) {
            new Folder().require(root, labels);
            if (labels.isEmpty()) {
                throw new IllegalArgumentException("expected labels, a file of JSON lines, with this source");
            }
        }

        @Override
        public Splits read(ClassificationRecipe.Data data) {
            return JsonLabels.read(
                    Path.of(data.labels().orElseThrow()),
                    Path.of(data.root().orElseThrow()),
                    data.valFraction(),
                    data.splitSeed());
        }
    }

    /** A set as its authors lay it out, which says itself what is held out. */
    private record Published(String what, Function<Path, Splits> reader) implements ImageSource {

        @Override
        public void require(Optional<String> root, Optional<String> labels) {
            if (root.isEmpty()) {
                throw new IllegalArgumentException("expected root, " + what + ", with this source");
            }
        }

        @Override
        public Set<String> keys() {
            return Set.of("root");
        }

        @Override
        public Splits read(ClassificationRecipe.Data data) {
            return reader.apply(Path.of(data.root().orElseThrow()));
        }
    }

    /** Tar files, as WebDataset's. */
    private record Tars() implements ImageSource {

        @Override
        public void require(Optional<String> root, Optional<String> labels) {
            if (root.isEmpty()) {
                throw new IllegalArgumentException(
                        "expected root, the folder of the tar files or train-{000..007}.tar, with this source");
            }
        }

        @Override
        public Set<String> keys() {
            return OF_FOLDER;
        }

        @Override
        public Splits read(ClassificationRecipe.Data data) {
            return WebDataset.read(data.root().orElseThrow(), data.valFraction(), data.splitSeed());
        }
    }

    /** A folder of IDX files, as MNIST's. */
    private record Idx() implements ImageSource {

        @Override
        public void require(Optional<String> root, Optional<String> labels) {
            if (root.isEmpty()) {
                throw new IllegalArgumentException("expected root, the folder of the IDX files, with this source");
            }
        }

        @Override
        public Set<String> keys() {
            return OF_FOLDER;
        }

        @Override
        public Splits read(ClassificationRecipe.Data data) {
            return IdxFolder.read(Path.of(data.root().orElseThrow()), data.valFraction(), data.splitSeed());
        }
    }

    /** Returns the names, in the table's order. */
    public static List<String> names() {
        synchronized (TABLE) {
            return List.copyOf(TABLE.keySet());
        }
    }

    /**
     * Finds a source.
     *
     * @param name its name
     * @throws IllegalArgumentException if there is none of that name; the message has the nearest
     */
    public static ImageSource named(String name) {
        synchronized (TABLE) {
            ImageSource source = TABLE.get(name);
            if (source == null) {
                throw new IllegalArgumentException("unknown source '" + name + "', "
                        + Nearest.suggestion(name, TABLE.keySet(), "expected one of "));
            }
            return source;
        }
    }

    /**
     * Adds sources; {@code djinn.tasks.Extension} is the door by which they come.
     *
     * @throws IllegalArgumentException if there is one of a name already
     */
    public static void join(Map<String, ImageSource> sources) {
        synchronized (TABLE) {
            sources.forEach((name, source) -> {
                if (TABLE.putIfAbsent(name, source) != null) {
                    throw new IllegalArgumentException(
                            "expected another name for the source '" + name + "': there is one already");
                }
            });
        }
    }
}
