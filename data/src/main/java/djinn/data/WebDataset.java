package djinn.data;

import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarFile;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Images in tar files as WebDataset has them: the members of an example have one name up to the first dot of its last part,
 * and its ending says what a member is: {@code 0001.jpg} an image, {@code 0001.cls} its class, a number or a name, or
 * {@code 0001.json} an object with the key {@code label} or {@code cls}.
 *
 * <p>Headers are read once, images where they lie when they are asked for. The classes have the names of {@code classes.txt}
 * beside the files, if there is one. An image without a label and a label without an image are left out, and told.
 */
public final class WebDataset {

    private static final String ENDING = ".tar";
    private static final List<String> LABEL_KEYS = List.of("label", "cls");

    /** Where a member lies in its file. */
    private record Place(Path file, long offset, int bytes) {

        byte[] read(String name) {
            ByteBuffer content = ByteBuffer.allocate(bytes);
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                while (content.hasRemaining()) {
                    if (channel.read(content, offset + content.position()) < 0) {
                        throw new DataException(
                                name + ": is cut off, as " + file + " is shorter than it was; copy that file again");
                    }
                }
            } catch (IOException e) {
                throw new DataException(name + ": cannot be read: " + AtomicFile.reason(e), e);
            }
            return content.array();
        }
    }

    /** The members of one example, as far as they have been met. */
    private static final class Example {
        private Optional<String> imageName = Optional.empty();
        private Optional<Place> image = Optional.empty();
        private Optional<String> cls = Optional.empty();
        private Optional<String> told = Optional.empty();
    }

    private final JsonMapper json = JsonMapper.builder().build();
    private final List<LeftOut.Item> leftOut = new ArrayList<>();

    private WebDataset() {}

    /**
     * Lists the images of a set; they are not read yet.
     *
     * @param root a folder of tar files, one of them, or a path with braces, as {@link Shards#of} takes it
     * @param valFraction the share of each class held out where no file is
     * @param splitSeed decides which are
     * @return both parts
     * @throws DataException if files are missing or damaged, or hold no images with labels
     * @throws IllegalArgumentException if images are to be split and the fraction is not between 0 and 1
     */
    public static Splits read(String root, double valFraction, long splitSeed) {
        Shards shards = Shards.of(root, ENDING);
        WebDataset reading = new WebDataset();
        List<EncodedImages.Item> train = reading.items(shards.train());
        List<EncodedImages.Item> heldOut = reading.items(shards.heldOut());
        List<String> notes =
                reading.leftOut.isEmpty() ? List.of() : List.of("left out: " + new LeftOut(reading.leftOut));
        return EncodedImages.splits(
                shards, train, heldOut, LabelNames.beside(shards.folder()), valFraction, splitSeed, notes);
    }

    private List<EncodedImages.Item> items(List<Path> files) {
        return files.stream().flatMap(file -> items(file).stream()).toList();
    }

    private List<EncodedImages.Item> items(Path file) {
        Map<String, Example> examples = new LinkedHashMap<>();
        // Commons Compress throws both of what is no tar file
        try (TarFile tar = new TarFile(file)) {
            if (tar.getEntries().isEmpty()) {
                throw new IOException("there are no files in it");
            }
            for (TarArchiveEntry entry : tar.getEntries()) {
                if (entry.isFile()) {
                    member(file, tar, entry, examples);
                }
            }
        } catch (IOException | IllegalArgumentException e) {
            String reason = e instanceof IOException io ? AtomicFile.reason(io) : e.getMessage();
            throw AtomicFile.unusable(
                    file + ": expected a tar file that is not packed and whole, found another (" + reason
                            + "); unpack it if it is a .tar.gz, else copy it again",
                    e);
        }
        List<EncodedImages.Item> items = new ArrayList<>();
        examples.forEach((stem, example) -> {
            Optional<String> label = example.cls.or(() -> example.told);
            String name = file.getFileName() + "/" + example.imageName.orElse(stem);
            if (example.image.isEmpty() || label.isEmpty()) {
                leftOut.add(new LeftOut.Item(
                        example.image.isEmpty() ? "example without an image" : "image without a label", name));
            } else {
                Place place = example.image.get();
                items.add(new EncodedImages.Item(name, label.get(), () -> place.read(name)));
            }
        });
        return items;
    }

    private void member(Path file, TarFile tar, TarArchiveEntry entry, Map<String, Example> examples)
            throws IOException {
        String name = entry.getName();
        int last = name.lastIndexOf('/') + 1;
        int dot = name.indexOf('.', last);
        // what systems leave in an archive begins with a dot
        if (dot <= last) {
            return;
        }
        Example example = examples.computeIfAbsent(name.substring(0, dot), stem -> new Example());
        String ending = name.substring(dot + 1).toLowerCase(Locale.ROOT);
        // 0001.seg.png is another thing than 0001.png
        if (ending.indexOf('.') < 0 && ImageFiles.isImage(Path.of("image." + ending))) {
            if (entry.isSparse() || entry.getSize() > Integer.MAX_VALUE - 8) {
                throw new DataException(file + ": expected images of at most 2 GiB, each in one piece, found " + name);
            }
            example.imageName = Optional.of(name);
            example.image = Optional.of(new Place(file, entry.getDataOffset(), (int) entry.getSize()));
        } else if (ending.equals("cls")) {
            example.cls = Optional.of(text(tar, entry)).map(String::strip).filter(text -> !text.isEmpty());
        } else if (ending.equals("json")) {
            example.told = label(text(tar, entry), file.getFileName() + "/" + name);
        }
    }

    private static String text(TarFile tar, TarArchiveEntry entry) throws IOException {
        try (InputStream in = tar.getInputStream(entry)) {
            return ClassName.of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private Optional<String> label(String text, String name) {
        JsonNode object;
        try {
            object = json.readTree(text);
        } catch (JacksonException e) {
            throw new DataException(
                    name + ": expected JSON, got what is none: "
                            + e.getOriginalMessage().replace('\n', ' '),
                    e);
        }
        return LABEL_KEYS.stream()
                .map(object::get)
                .flatMap(node ->
                        node != null && (node.isString() || node.isIntegralNumber()) ? Stream.of(node) : Stream.empty())
                .map(JsonNode::asString)
                .findFirst();
    }
}
