package ferrite.board.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.board.image.GuestProgram;
import ferrite.board.layout.BoardKind;
import ferrite.board.layout.VirtioKind;
import ferrite.board.options.BoardOptions;
import ferrite.board.options.DeviceOptions.DiskFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The virtio slots of the virt board: those that options choose, and QEMU's order for the others. */
class VirtioPlacesTest {

    private static final int DEVICE_ID = 8;
    private static final int NONE = 0;
    private static final int DISK = 2;
    private static final int CONSOLE = 3;
    private static final int ENTROPY = 4;

    @TempDir
    private Path directory;

    private DiskFile disk(String name, int slot) throws IOException {
        Path file = directory.resolve(name);
        Files.write(file, new byte[512]);
        return new DiskFile(file, true, slot);
    }

    /** Returns the kinds of the devices in the slots, from 0 on. */
    private List<Integer> kinds(BoardOptions options) throws IOException {
        List<Integer> kinds = new ArrayList<>();
        Path program = Files.write(directory.resolve("program"), new byte[] {0x6f, 0, 0, 0});
        try (BareBoard board = BareBoard.of(options, new GuestProgram(program, null, ""),
                new BareBoardDiskTest.Nobody())) {
            for (int slot = 0; slot < 8; slot++) {
                kinds.add(board.machine().bus().peek(0x1000_1000L + 0x1000L * slot + DEVICE_ID, 4));
            }
        }
        return kinds;
    }

    private static BoardOptions options() {
        return BoardOptions.ofBoot().kind(BoardKind.VIRT).ram(8 << 20);
    }

    @Test
    void aDeviceHasTheSlotThatWasChosenAndTheOthersTheLastFreeOnes() throws IOException {
        assertThat(kinds(options().disk(disk("a", -1)).virtio(VirtioKind.CONSOLE).virtio(VirtioKind.ENTROPY)))
                .containsExactly(NONE, NONE, NONE, NONE, NONE, ENTROPY, CONSOLE, DISK);
        assertThat(kinds(options().disk(disk("a", 0)).disk(disk("b", -1)).virtio(VirtioKind.CONSOLE, 7)
                .virtio(VirtioKind.ENTROPY))).containsExactly(DISK, NONE, NONE, NONE, NONE, ENTROPY, DISK, CONSOLE);
    }

    @Test
    void aSlotIsOneOfTheBoardAndChosenOnce() throws IOException {
        DiskFile third = disk("a", 3);
        DiskFile ninth = disk("b", 8);
        assertThatThrownBy(() -> kinds(options().disk(ninth)))
                .hasMessage("slot=8: the virt board has the slots 0 to 7");
        assertThatThrownBy(() -> kinds(options().disk(third).virtio(VirtioKind.ENTROPY, 3)))
                .hasMessage("slot=3 is chosen twice");
        assertThatThrownBy(() -> kinds(options().kind(BoardKind.FERRITE).disk(third)))
                .hasMessageContaining("only the virt board of 'ferrite boot' has slots");
    }
}
