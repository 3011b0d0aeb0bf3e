package djinn.data;

import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A folder of CIFAR's binary files: colour images of 32x32 with a label each (Krizhevsky 2009).
 *
 * <p>CIFAR-10 has {@code data_batch_1.bin} to {@code data_batch_5.bin} to learn from, {@code test_batch.bin} held out, and
 * the names of classes in {@code batches.meta.txt}; CIFAR-100 has {@code train.bin}, {@code test.bin} and {@code
 * fine_label_names.txt}, of whose two labels the fine one counts. Fewer batches will do.
 */
public final class CifarFolder {

    private static final int SIDE = 32;
    private static final int CHANNELS = 3;

    private CifarFolder() {}

    /** Which of both it is, by its files. */
    private enum Kind {
        TEN("data_batch_[1-9]\\.bin", "test_batch.bin", "batches.meta.txt", 1, 10),
        HUNDRED("train\\.bin", "test.bin", "fine_label_names.txt", 2, 100);

        private final String train;
        private final String test;
        private final String names;
        private final int labels;
        private final int classes;

        Kind(String train, String test, String names, int labels, int classes) {
            this.train = train;
            this.test = test;
            this.names = names;
            this.labels = labels;
            this.classes = classes;
        }

        private int record() {
            return labels + CHANNELS * SIDE * SIDE;
        }
    }

    /**
     * Reads a folder.
     *
     * @param root the folder
     * @return both parts
     * @throws DataException if the folder or a file is missing, cut off or damaged
     */
    public static Splits read(Path root) {
        List<String> files = files(root);
        for (Kind kind : Kind.values()) {
            List<Path> train = files.stream()
                    .filter(name -> name.matches(kind.train))
                    .map(root::resolve)
                    .toList();
            if (!train.isEmpty()) {
                Path test = root.resolve(kind.test);
                if (!Files.isRegularFile(test)) {
                    throw new DataException(test + ": expected the images held out, found no such file; keep all files"
                            + " of the data set in one folder");
                }
                return new Splits(
                        root.toString(),
                        classes(root.resolve(kind.names), kind),
                        Images.read(train, kind),
                        Images.read(List.of(test), kind));
            }
        }
        throw new DataException(root
                + ": expected CIFAR's binary files, data_batch_1.bin or train.bin among them, found "
                + (files.isEmpty() ? "none" : "none among " + files.size() + " files") + "; take the binary version");
    }

    private static List<String> files(Path root) {
        if (!Files.isDirectory(root)) {
            throw new DataException(root + ": expected a folder of CIFAR's binary files, found "
                    + (Files.exists(root) ? "a file" : "nothing") + "; set data.root to the folder");
        }
        try (Stream<Path> files = Files.list(root)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new DataException(root + ": cannot be searched for CIFAR's files: " + AtomicFile.reason(e), e);
        }
    }

    private static List<String> classes(Path file, Kind kind) {
        if (!Files.isRegularFile(file)) {
            return IntStream.range(0, kind.classes).mapToObj(Integer::toString).toList();
        }
        try {
            List<String> names = Files.readString(file, StandardCharsets.UTF_8)
                    .lines()
                    .map(String::strip)
                    .filter(name -> !name.isEmpty())
                    .toList();
            if (names.size() != kind.classes) {
                throw new DataException(
                        file + ": expected " + kind.classes + " names of classes, a line each, found " + names.size());
            }
            return names;
        } catch (IOException e) {
            throw new DataException(file + ": cannot be read: " + AtomicFile.reason(e), e);
        }
    }

    /** The images of some files, one behind the other, kept in memory as they lie in the files. */
    private static final class Images implements Dataset {

        private final List<Path> files;
        private final List<byte[]> contents;
        private final Kind kind;
        private final int[] starts;

        private Images(List<Path> files, List<byte[]> contents, Kind kind) {
            this.files = files;
            this.contents = contents;
            this.kind = kind;
            this.starts = new int[files.size() + 1];
            for (int i = 0; i < files.size(); i++) {
                starts[i + 1] = starts[i] + contents.get(i).length / kind.record();
            }
        }

        static Images read(List<Path> files, Kind kind) {
            List<byte[]> contents = new ArrayList<>();
            for (Path file : files) {
                byte[] bytes;
                try {
                    bytes = Files.readAllBytes(file);
                } catch (IOException e) {
                    throw new DataException(file + ": cannot be read: " + AtomicFile.reason(e), e);
                }
                if (bytes.length == 0 || bytes.length % kind.record() != 0) {
                    throw new DataException(file + ": expected whole images of " + kind.record() + " bytes, found "
                            + bytes.length + " bytes; copy it again");
                }
                for (int at = 0; at < bytes.length; at += kind.record()) {
                    int label = bytes[at + kind.labels - 1] & 0xFF;
                    if (label >= kind.classes) {
                        throw new DataException(file + ": image " + at / kind.record() + ": expected a label below "
                                + kind.classes + ", found " + label + "; copy it again");
                    }
                }
                contents.add(bytes);
            }
            return new Images(files, contents, kind);
        }

        private int file(int index) {
            int file = 0;
            while (index >= starts[file + 1]) {
                file++;
            }
            return file;
        }

        @Override
        public int size() {
            return starts[starts.length - 1];
        }

        @Override
        public Pixels image(int index, int channels) {
            int file = file(index);
            int at = (index - starts[file]) * kind.record() + kind.labels;
            byte[] planes = contents.get(file);
            byte[] values = new byte[CHANNELS * SIDE * SIDE];
            for (int c = 0; c < CHANNELS; c++) {
                for (int i = 0; i < SIDE * SIDE; i++) {
                    values[i * CHANNELS + c] = planes[at + c * SIDE * SIDE + i];
                }
            }
            return new Pixels(SIDE, SIDE, CHANNELS, values).withChannels(channels);
        }

        @Override
        public int label(int index) {
            int file = file(index);
            return contents.get(file)[(index - starts[file]) * kind.record() + kind.labels - 1] & 0xFF;
        }

        @Override
        public String name(int index) {
            int file = file(index);
            return files.get(file).getFileName() + " image " + (index - starts[file]);
        }
    }
}
