package djinn.data;

import djinn.data.ImageList.Item;
import djinn.ops.DataException;
import djinn.ops.TextFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The Oxford-IIIT Pets as their archives have them (Parkhi et al. 2012): {@code images/Bengal_101.jpg}, and in {@code
 * annotations} the lists {@code trainval.txt}, to learn from, and {@code test.txt}, held out. A line of a list is a name,
 * the number of its breed from 1 on, and two numbers more. The class of a breed is called as its images are.
 */
public final class OxfordPets {

    private OxfordPets() {}

    /**
     * Lists the images.
     *
     * @param root the folder that both archives were unpacked in
     * @return both parts
     * @throws DataException if a list or an image is missing, or a line is none of the list's
     */
    public static Splits read(Path root) {
        TreeMap<Integer, String> breeds = new TreeMap<>();
        List<Item> train = items(root, "trainval.txt", breeds);
        List<Item> heldOut = items(root, "test.txt", breeds);
        List<String> classes = List.copyOf(breeds.values());
        if (breeds.isEmpty() || breeds.lastKey() != classes.size()) {
            throw new DataException(
                    root.resolve("annotations") + ": expected breeds numbered from 1 on without gaps, found "
                            + breeds.keySet() + "; unpack the archive again");
        }
        return new Splits(root.toString(), classes, new ImageList(root, train), new ImageList(root, heldOut));
    }

    private static List<Item> items(Path root, String name, Map<Integer, String> breeds) {
        Path list = root.resolve("annotations").resolve(name);
        if (!Files.isRegularFile(list)) {
            throw new DataException(
                    list + ": expected the list of the Oxford-IIIT Pets, found nothing there; set data.root"
                            + " to the folder that holds images and annotations");
        }
        List<Item> items = new ArrayList<>();
        for (String line : TextFile.lines(list)) {
            if (line.startsWith("#")) {
                continue;
            }
            String[] cells = line.split("\\s+", -1);
            if (cells.length < 2 || !cells[1].matches("[1-9]\\d{0,5}") || cells[0].lastIndexOf('_') < 1) {
                throw new DataException(list + ": expected lines such as 'Abyssinian_100 1 1 1', found '" + line + "'");
            }
            int number = Integer.parseInt(cells[1]);
            String breed = cells[0].substring(0, cells[0].lastIndexOf('_'));
            String before = breeds.putIfAbsent(number, breed);
            if (before != null && !before.equals(breed)) {
                throw new DataException(
                        list + ": expected one breed of number " + number + ", found " + before + " and " + breed);
            }
            Path image = root.resolve("images").resolve(cells[0] + ".jpg");
            if (!Files.isRegularFile(image)) {
                throw new DataException(image + ": expected an image, as " + name
                        + " lists it, found nothing there; unpack" + " the archive of images beside the annotations");
            }
            items.add(new Item(image, number - 1));
        }
        return items;
    }
}
