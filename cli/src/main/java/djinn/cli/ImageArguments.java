package djinn.cli;

import djinn.data.ImageFiles;
import djinn.data.ImageTree;
import djinn.data.Pixels;
import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import djinn.ops.TextFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The images a command line means: files, folders, patterns, standard input, and lists of files. */
final class ImageArguments {

    /** Standard input, as a name on the command line. */
    static final String STANDARD_INPUT = "-";

    private static final Pattern WILDCARD = Pattern.compile("[*?\\[{]");

    private ImageArguments() {}

    /** An image to be read, by the name that answers call it. */
    record Source(String name, Optional<byte[]> contents) {

        Pixels read(int channels) {
            return contents.isPresent()
                    ? ImageFiles.decode(contents.get(), name, channels)
                    : ImageFiles.read(Path.of(name), channels);
        }
    }

    /**
     * Returns the images of the command line, and behind them those of a list.
     *
     * @param given files, folders (all images in them, and in the folders in those), patterns such as {@code *.jpg}, and
     *     {@code -} for an image on standard input
     * @param list a file of paths, one per line; {@code -} for standard input, read as the images are asked for
     * @param notes is told what lies in folders and is no image
     * @throws DataException if a folder has no image, a pattern matches nothing, or the list cannot be read
     */
    static Iterator<Source> of(
            List<String> given, Optional<String> list, InputStream standardInput, Consumer<String> notes) {
        List<Source> sources = new ArrayList<>();
        for (String name : given) {
            if (name.equals(STANDARD_INPUT)) {
                sources.add(new Source(name, Optional.of(drain(standardInput))));
            } else {
                files(name, notes).forEach(file -> sources.add(new Source(file, Optional.empty())));
            }
        }
        Iterator<String> listed = list.map(name -> lines(name, standardInput))
                .orElse(Stream.empty())
                .iterator();
        Iterator<Source> own = sources.iterator();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return own.hasNext() || listed.hasNext();
            }

            @Override
            public Source next() {
                return own.hasNext() ? own.next() : new Source(listed.next(), Optional.empty());
            }
        };
    }

    private static byte[] drain(InputStream input) {
        try {
            return input.readAllBytes();
        } catch (IOException e) {
            throw new DataException("standard input cannot be read: " + AtomicFile.reason(e), e);
        }
    }

    private static Stream<String> lines(String list, InputStream standardInput) {
        return list.equals(STANDARD_INPUT)
                ? TextFile.lines(standardInput, "standard input")
                : TextFile.lines(Path.of(list)).stream();
    }

    /** A name of something that is there means that, and only otherwise a pattern. */
    private static List<String> files(String name, Consumer<String> notes) {
        boolean pattern = WILDCARD.matcher(name).find();
        if (pattern && !exists(name)) {
            return matches(name, notes);
        }
        Path path = Path.of(name);
        if (!Files.isDirectory(path)) {
            return List.of(name);
        }
        ImageTree tree = ImageTree.below(path);
        if (tree.images().isEmpty()) {
            throw new DataException(name + ": expected a folder with images (" + ImageFiles.ENDINGS + "), found "
                    + (tree.leftOut().isEmpty() ? "none" : "only " + tree.leftOut()));
        }
        if (!tree.leftOut().isEmpty()) {
            notes.accept(name + ": left out: " + tree.leftOut());
        }
        return tree.images().stream().map(Path::toString).toList();
    }

    private static boolean exists(String name) {
        try {
            return Files.exists(Path.of(name));
        } catch (InvalidPathException e) {
            return false;
        }
    }

    /** Hidden files match only a pattern that begins with a dot itself, as in a shell. */
    private static List<String> matches(String pattern, Consumer<String> notes) {
        String text = pattern.replace('\\', '/');
        String[] parts = text.split("/", -1);
        int plain = 0;
        while (!WILDCARD.matcher(parts[plain]).find()) {
            plain++;
        }
        String base = String.join("/", List.of(parts).subList(0, plain));
        Path folder = Path.of(plain == 0 ? "" : base.isEmpty() ? "/" : base);
        String rest = String.join("/", List.of(parts).subList(plain, parts.length));
        int depth = rest.contains("**") ? Integer.MAX_VALUE : parts.length - plain;
        PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + rest);
        List<Path> matching = Files.isDirectory(folder)
                ? walk(folder, depth, pattern, file -> matcher.matches(folder.relativize(file)))
                : List.of();
        boolean dotted = parts[parts.length - 1].startsWith(".");
        List<String> found = matching.stream()
                .filter(file -> dotted || !ImageTree.isHidden(file))
                .map(Path::toString)
                .toList();
        int hidden = matching.size() - found.size();
        if (hidden > 0) {
            notes.accept(pattern + ": left out: " + hidden + (hidden == 1 ? " hidden file" : " hidden files"));
        }
        if (found.isEmpty()) {
            throw new DataException(pattern + ": expected a pattern of image files, nothing matches it");
        }
        return found;
    }

    private static List<Path> walk(Path folder, int depth, String name, Predicate<Path> wanted) {
        try (Stream<Path> files = Files.walk(folder, depth, FileVisitOption.FOLLOW_LINKS)) {
            return files.filter(Files::isRegularFile).filter(wanted).sorted().toList();
        } catch (IOException | UncheckedIOException e) {
            throw new DataException(name + ": cannot be searched for images: " + e.getMessage(), e);
        }
    }
}
