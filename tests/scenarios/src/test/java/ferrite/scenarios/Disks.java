package ferrite.scenarios;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** Files for use as disks. */
final class Disks {

    static final int SECTOR = 512;
    static final int PIECE = 64 << 10;

    private Disks() { }

    /** Makes a disk of random bytes. Disks of the same size are equal. */
    static Path random(Path directory, int bytes) throws IOException {
        return random(directory, "disk" + bytes + ".img", bytes, bytes);
    }

    static Path random(Path directory, String name, int bytes, long seed) throws IOException {
        byte[] content = new byte[bytes];
        new Random(seed).nextBytes(content);
        return Files.write(directory.resolve(name), content);
    }
}
