package djinn.data;

import djinn.data.LeftOut.Item;
import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The image files in a folder and in all folders below it; links are followed.
 *
 * <p>Hidden files are no images, and hidden folders are not looked into: what begins with a dot, and folders that
 * systems make.
 *
 * @param images sorted
 * @param leftOut what else is there
 */
public record ImageTree(List<Path> images, LeftOut leftOut) {

    private static final Set<String> OF_SYSTEMS = Set.of("__MACOSX", "@eaDir", "lost+found");

    /** Copies the list. */
    public ImageTree {
        images = List.copyOf(images);
    }

    /**
     * Searches a folder.
     *
     * @throws DataException if it cannot be searched
     */
    public static ImageTree below(Path folder) {
        return below(folder, folder);
    }

    /** Searches a folder; what is left out is called by its path from the root. */
    static ImageTree below(Path folder, Path root) {
        List<Path> images = new ArrayList<>();
        List<Item> leftOut = new ArrayList<>();
        try {
            Files.walkFileTree(
                    folder, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, new SimpleFileVisitor<>() {
                        @Override
                        public FileVisitResult preVisitDirectory(Path visited, BasicFileAttributes attributes) {
                            if (visited.equals(folder) || !isHidden(visited)) {
                                return FileVisitResult.CONTINUE;
                            }
                            leftOut.add(new Item("hidden folder", name(visited, root)));
                            return FileVisitResult.SKIP_SUBTREE;
                        }

                        @Override
                        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                            if (ImageFiles.isImage(file) && attributes.isRegularFile()) {
                                images.add(file);
                            } else {
                                leftOut.add(new Item(kind(file), name(file, root)));
                            }
                            return FileVisitResult.CONTINUE;
                        }

                        @Override
                        public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                            if (e instanceof FileSystemLoopException) {
                                leftOut.add(new Item("circular link", name(file, root)));
                                return FileVisitResult.CONTINUE;
                            }
                            throw e;
                        }
                    });
        } catch (IOException e) {
            throw new DataException(folder + ": cannot be searched for images: " + AtomicFile.reason(e), e);
        }
        images.sort(null);
        leftOut.sort((one, other) -> one.name().compareTo(other.name()));
        return new ImageTree(images, new LeftOut(leftOut));
    }

    /** Whether a file or folder is none that people put there to be seen. */
    public static boolean isHidden(Path path) {
        Path last = path.getFileName();
        String name = last == null ? "" : last.toString();
        boolean dots = name.equals(".") || name.equals("..");
        return !dots && (name.startsWith(".") || OF_SYSTEMS.contains(name));
    }

    /** What a file is that is no image to read. */
    static String kind(Path file) {
        String name = file.getFileName().toString();
        int dot = name.lastIndexOf('.');
        if (isHidden(file)) {
            return "hidden file";
        } else if (!Files.exists(file)) {
            return "broken link";
        } else if (!Files.isRegularFile(file)) {
            return "special file";
        }
        return dot < 0 ? "extensionless file" : name.substring(dot).toLowerCase(Locale.ROOT) + " file";
    }

    static String name(Path file, Path root) {
        return root.relativize(file).toString().replace('\\', '/');
    }
}
