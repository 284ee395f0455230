package ferrite.peripherals.medium;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DiskImageTest {

    @TempDir
    private Path directory;
    private Path file;
    private final byte[] content = new byte[10 * 512];

    @BeforeEach
    void makeFile() throws IOException {
        new Random(1).nextBytes(content);
        file = Files.write(directory.resolve("disk.img"), content);
    }

    @Test
    void itHasTheSectorsAndBytesOfItsFile() throws IOException {
        try (DiskImage image = DiskImage.open(file, true)) {
            assertThat(image.sectors()).isEqualTo(10);
            byte[] bytes = new byte[1000];
            image.read(512, bytes, 700);
            assertThat(Arrays.copyOf(bytes, 700)).isEqualTo(Arrays.copyOfRange(content, 512, 1212));
            assertThat(Arrays.copyOfRange(bytes, 700, 1000)).as("not asked for").containsOnly(0);
        }
    }

    @Test
    void whatIsWrittenIsInTheFile() throws IOException {
        try (DiskImage image = DiskImage.open(file, false)) {
            assertThat(image.isReadOnly()).isFalse();
            image.write(512, new byte[1024]);
            image.force();
        }
        Arrays.fill(content, 512, 1536, (byte) 0);
        assertThat(Files.readAllBytes(file)).isEqualTo(content);
    }

    @Test
    void aProtectedOneIsOpenedForReadingAlone() throws IOException {
        try (DiskImage image = DiskImage.open(file, true)) {
            assertThat(image.isReadOnly()).isTrue();
            assertThatThrownBy(() -> image.write(0, new byte[512])).isInstanceOf(Exception.class);
        }
        assertThat(Files.readAllBytes(file)).isEqualTo(content);
    }

    @Test
    void aFileIsTheMediumUnderAnyName() throws IOException {
        Path link = Files.createSymbolicLink(file.resolveSibling("link"), file);
        try (DiskImage image = DiskImage.open(file, true)) {
            assertThat(image.isFile(link)).isTrue();
            assertThat(image.isFile(file.resolveSibling("missing"))).isFalse();
            assertThat(image.isFile(Files.write(file.resolveSibling("other"), new byte[512]))).isFalse();
        }
    }

    @Test
    void machinesOfOneProcessMayShareAFile() throws IOException {
        try (DiskImage image = DiskImage.open(file, false); DiskImage other = DiskImage.open(file, true)) {
            assertThat(other.digest()).isEqualTo(image.digest());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 511, 513, 1023})
    void aFileThatIsNotMadeOfSectorsIsUnusable(int bytes) throws IOException {
        Files.write(file, new byte[bytes]);
        assertThatThrownBy(() -> DiskImage.open(file, false)).isInstanceOf(IOException.class)
                .hasMessage(file + " has " + bytes + " bytes; a disk's size is a multiple of 512, and not 0");
    }

    @Test
    void whatIsNotThereOrNoFileIsUnusable() {
        assertThatThrownBy(() -> DiskImage.open(directory.resolve("missing"), false)).isInstanceOf(IOException.class)
                .hasMessageContaining("there is no file");
        assertThatThrownBy(() -> DiskImage.open(directory, false)).isInstanceOf(IOException.class)
                .hasMessageContaining("is not a file");
        assertThatThrownBy(() -> DiskImage.open(Path.of(""), false)).isInstanceOf(IOException.class);
    }

    @Test
    void aFileOfMoreThanATebibyteIsUnusable() throws IOException {
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength((1L << 40) + 512);
        } catch (IOException thisFileSystemHasNoSuchFiles) {
            return;
        }
        assertThatThrownBy(() -> DiskImage.open(file, false)).isInstanceOf(IOException.class)
                .hasMessageContaining("at most 1 TiB");
    }

    /** As an editor does, or a tool that makes a new image: what is written would vanish with the old file. */
    @Test
    void aFileThatIsReplacedByARenameIsABrokenMedium() throws IOException {
        try (DiskImage image = DiskImage.open(file, false)) {
            Path other = Files.write(directory.resolve("other.img"), content);
            image.write(0, new byte[512]);
            Files.move(file, directory.resolve("old.img"));
            Files.createSymbolicLink(file, directory.resolve("old.img"));
            image.write(512, new byte[512]);          // the same file still, by another name
            Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
            assertThatThrownBy(() -> image.write(0, new byte[512])).isInstanceOf(IOException.class)
                    .hasMessage(file + " was replaced by another file");
            assertThatThrownBy(() -> image.read(0, new byte[512], 512)).isInstanceOf(IOException.class);
            assertThatThrownBy(image::force).isInstanceOf(IOException.class);
        }
        assertThat(Files.readAllBytes(file)).as("the new file").isEqualTo(content);
    }

    @Test
    void aFileThatShrinksOrGoesIsABrokenMediumAndKeepsItsSize() throws IOException {
        try (DiskImage image = DiskImage.open(file, false)) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(5 * 512);
            }
            assertThat(image.sectors()).isEqualTo(10);
            assertThatThrownBy(() -> image.read(9 * 512, new byte[512], 512)).isInstanceOf(IOException.class)
                    .hasMessageContaining("shorter");
            assertThatThrownBy(() -> image.write(0, new byte[512])).isInstanceOf(IOException.class);
            Files.delete(file);
            assertThatThrownBy(() -> image.read(0, new byte[512], 512)).isInstanceOf(IOException.class);
        }
    }
}
