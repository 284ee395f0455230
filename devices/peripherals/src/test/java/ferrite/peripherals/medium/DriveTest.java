package ferrite.peripherals.medium;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.hardware.state.StateException;
import ferrite.hardware.state.StateMedia;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A drive's sectors kept for snapshots. The controllers' tests cover its reading and writing. */
class DriveTest {

    private static final int SECTOR = DiskImage.SECTOR_BYTES;

    @TempDir
    private Path directory;
    private Path file;
    private Drive drive;

    @BeforeEach
    void makeDrive() throws IOException {
        file = Files.write(directory.resolve("disk"), new byte[4 * SECTOR]);
        drive = new Drive(DiskImage.open(file, false));
    }

    private byte[] save(StateMedia media) {
        StateWriter out = new StateWriter(media);
        drive.save(out);
        return out.toBytes();
    }

    private void write(int sector, int value) {
        byte[] bytes = new byte[SECTOR];
        Arrays.fill(bytes, (byte) value);
        drive.write(sector, bytes);
    }

    private int read(int sector) throws IOException {
        byte[] bytes = new byte[SECTOR];
        drive.read(sector, bytes);
        return bytes[SECTOR - 1];
    }

    @Test
    void whatIsToBeWrittenToAMediumThatIsReadOnlyIsRefused() throws IOException {
        write(0, 1);
        byte[] saved = save(StateMedia.KEPT_BESIDE);
        Drive other = new Drive(DiskImage.open(file, true));
        assertThatThrownBy(() -> other.restore(new StateReader(saved, StateMedia.KEPT_BESIDE)))
                .isInstanceOf(StateException.class).hasMessage("1 cached sectors belong to a read-only medium");
    }

    @Test
    void aSnapshotBringsBackWhatAFlushHasOverwrittenSince() throws IOException {
        write(0, 1);
        byte[] snapshot = save(StateMedia.GO_BACK);
        write(0, 2);
        write(1, 2);
        drive.flush();
        drive.restore(new StateReader(snapshot));
        assertThat(read(0)).isEqualTo(1);
        assertThat(read(1)).isZero();
        assertThat(Files.readAllBytes(file)[SECTOR]).as("the medium itself stays").isEqualTo((byte) 2);
    }

    @Test
    void aResetLeavesTheDriveAsItIsItsCacheToo() throws IOException {
        byte[] atPowerOn = save(StateMedia.STAY);
        write(0, 1);
        drive.flush();
        write(1, 2);
        drive.restore(new StateReader(atPowerOn, StateMedia.STAY));
        assertThat(read(0)).isEqualTo(1);
        assertThat(read(1)).isEqualTo(2);
        drive.flush();
        assertThat(Files.readAllBytes(file)[SECTOR]).isEqualTo((byte) 2);
    }

    @Test
    void snapshotsAreStillReturnedToAfterAReset() throws IOException {
        byte[] atPowerOn = save(StateMedia.STAY);
        write(0, 1);
        drive.flush();
        byte[] snapshot = save(StateMedia.GO_BACK);
        write(0, 2);
        drive.flush();
        drive.restore(new StateReader(atPowerOn, StateMedia.STAY));
        assertThat(read(0)).isEqualTo(2);
        drive.restore(new StateReader(snapshot));
        assertThat(read(0)).isEqualTo(1);
    }
}
