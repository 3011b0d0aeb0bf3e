package djinn.data.published;

import djinn.data.ImageFiles;
import djinn.data.LabelMap;
import djinn.ops.AtomicFile;
import djinn.ops.Box;
import djinn.ops.DataException;
import djinn.ops.RunLengthMask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/**
 * A list as COCO has it, made of a folder for each image: {@code NAME/images/NAME.png}, and in {@code NAME/masks} a black and
 * white image for each object. So the nuclei of the 2018 Data Science Bowl come.
 */
final class ObjectList {

    /** The file that is written into the data's folder. */
    static final String NAME = "objects.json";

    private static final int CATEGORY = 1;

    private final Path root;
    private final List<Map<String, Object>> images = new ArrayList<>();
    private final List<Map<String, Object>> objects = new ArrayList<>();

    private int empty;

    private ObjectList(Path root) {
        this.root = root;
    }

    /**
     * Writes the list, unless it is there.
     *
     * @param root the folder of the images' folders
     * @param category what the objects are called
     * @return what there is to say of it, in a sentence each
     * @throws DataException if there are no such folders, an image cannot be read, or a mask is of another size than its image
     */
    static List<String> write(Path root, String category) throws IOException {
        Path list = root.resolve(NAME);
        if (Files.isRegularFile(list)) {
            return List.of();
        }
        ObjectList all = new ObjectList(root);
        for (Path folder : sorted(root)) {
            if (Files.isDirectory(folder.resolve("images")) && Files.isDirectory(folder.resolve("masks"))) {
                all.add(folder);
            }
        }
        if (all.objects.isEmpty()) {
            throw new DataException(
                    root + ": expected a folder for each image, with folders images and masks in it, found none");
        }
        Map<String, Object> coco = new LinkedHashMap<>();
        coco.put("images", all.images);
        coco.put("annotations", all.objects);
        coco.put("categories", List.of(Map.of("id", CATEGORY, "name", category)));
        AtomicFile.writeText(list, JsonMapper.builder().build().writeValueAsString(coco));
        List<String> notes = new ArrayList<>();
        notes.add(list + " lists " + all.images.size() + " images and " + all.objects.size() + " objects as COCO does");
        if (all.empty > 0) {
            notes.add("left out: " + all.empty + " masks without a pixel");
        }
        return notes;
    }

    private static List<Path> sorted(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.sorted().toList();
        }
    }

    private void add(Path folder) throws IOException {
        List<Path> found = sorted(folder.resolve("images")).stream()
                .filter(ImageFiles::isImage)
                .toList();
        if (found.size() != 1) {
            throw new DataException(folder + ": expected one image in the folder images, found " + found.size());
        }
        Path image = found.get(0);
        int id = images.size() + 1;
        int height = 0;
        int width = 0;
        for (Path file : sorted(folder.resolve("masks"))) {
            if (!ImageFiles.isImage(file)) {
                continue;
            }
            LabelMap mask = LabelMap.read(file, LabelMap.Coding.NONZERO);
            if (height > 0 && (mask.height() != height || mask.width() != width)) {
                throw new DataException(file + ": expected a mask of " + height + "x" + width
                        + " as those before it, got " + mask.height() + "x" + mask.width());
            }
            height = mask.height();
            width = mask.width();
            object(id, mask);
        }
        if (height == 0) {
            throw new DataException(folder + ": expected masks in the folder masks, found none");
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("id", id);
        fields.put("file_name", root.relativize(image).toString().replace('\\', '/'));
        fields.put("height", height);
        fields.put("width", width);
        images.add(fields);
    }

    private void object(int image, LabelMap mask) {
        byte[] values = mask.values();
        boolean[] pixels = new boolean[values.length];
        for (int i = 0; i < values.length; i++) {
            pixels[i] = values[i] != 0;
        }
        RunLengthMask runs = RunLengthMask.of(mask.height(), mask.width(), pixels);
        if (runs.area() == 0) {
            empty++;
            return;
        }
        Box box = runs.box();
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("id", objects.size() + 1);
        fields.put("image_id", image);
        fields.put("category_id", CATEGORY);
        fields.put("bbox", List.of(box.x(), box.y(), box.width(), box.height()));
        fields.put("area", runs.area());
        fields.put("iscrowd", 0);
        fields.put("segmentation", Map.of("size", List.of(mask.height(), mask.width()), "counts", runs.string()));
        objects.add(fields);
    }
}
