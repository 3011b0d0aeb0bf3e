package djinn.cli;

import djinn.ops.DataException;
import djinn.training.data.ImageFiles;
import djinn.training.data.Pixels;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
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
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The images a command line means: files, folders, patterns, standard input, and lists of files. */
final class ImageSources {

    /** Standard input, as a name on the command line. */
    static final String STANDARD_INPUT = "-";

    private static final Pattern WILDCARD = Pattern.compile("[*?\\[{]");

    private ImageSources() {}

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
     * @throws DataException if a folder has no image, a pattern matches nothing, or the list cannot be read
     */
    static Iterator<Source> of(List<String> given, Optional<String> list, InputStream standardInput) {
        List<Source> sources = new ArrayList<>();
        for (String name : given) {
            if (name.equals(STANDARD_INPUT)) {
                sources.add(new Source(name, Optional.of(drain(standardInput))));
            } else {
                files(name).forEach(file -> sources.add(new Source(file, Optional.empty())));
            }
        }
        Iterator<String> listed = list.map(name -> lines(name, standardInput))
                .orElse(Stream.empty())
                .map(String::strip)
                .filter(line -> !line.isEmpty())
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
            throw new DataException("standard input cannot be read: " + e.getMessage(), e);
        }
    }

    private static Stream<String> lines(String list, InputStream standardInput) {
        try {
            return list.equals(STANDARD_INPUT)
                    ? new BufferedReader(new InputStreamReader(standardInput, StandardCharsets.UTF_8)).lines()
                    : Files.readAllLines(Path.of(list)).stream();
        } catch (IOException e) {
            throw new DataException(list + ": cannot be read as a list of files: " + e.getMessage(), e);
        }
    }

    /** A name of something that is there means that, and only otherwise a pattern. */
    private static List<String> files(String name) {
        boolean pattern = WILDCARD.matcher(name).find();
        if (pattern && !exists(name)) {
            return matches(name);
        }
        Path path = Path.of(name);
        if (!Files.isDirectory(path)) {
            return List.of(name);
        }
        List<String> images = walk(path, Integer.MAX_VALUE, name, ImageFiles::isImage);
        if (images.isEmpty()) {
            throw new DataException(name + ": expected a folder with images, it has no PNG, JPEG, BMP or GIF file");
        }
        return images;
    }

    private static boolean exists(String name) {
        try {
            return Files.exists(Path.of(name));
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private static List<String> matches(String pattern) {
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
        List<String> found = Files.isDirectory(folder)
                ? walk(folder, depth, pattern, file -> matcher.matches(folder.relativize(file)))
                : List.of();
        if (found.isEmpty()) {
            throw new DataException(pattern + ": expected a pattern of image files, nothing matches it");
        }
        return found;
    }

    private static List<String> walk(Path folder, int depth, String name, Predicate<Path> wanted) {
        try (Stream<Path> files = Files.walk(folder, depth, FileVisitOption.FOLLOW_LINKS)) {
            return files.filter(Files::isRegularFile)
                    .filter(wanted)
                    .sorted()
                    .map(Path::toString)
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            throw new DataException(name + ": cannot be searched for images: " + e.getMessage(), e);
        }
    }
}
