package ferrite.scenarios.hostile;

import ferrite.board.image.GuestProgram;
import ferrite.board.layout.BoardKind;
import ferrite.board.options.BoardOptions;
import ferrite.board.session.BareSession;
import ferrite.hardware.bus.AddressRange;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** The devices on each board's bus, taken from the bus itself, so that a new device is attacked at once. */
final class Devices {

    private final Map<BoardKind, List<AddressRange>> ranges = new EnumMap<>(BoardKind.class);

    Devices() throws IOException {
        Path image = Files.createTempFile("hostile", ".bin");
        try {
            Files.write(image, new byte[4]);
            for (BoardKind board : BoardKind.values()) {
                BoardOptions options = new BoardOptions().kind(board).ram(8 << 20);
                try (BareSession session = new BareSession(options, new GuestProgram(image, null, ""),
                        control -> new Input(0), OutputStream.nullOutputStream(),
                        new PrintStream(OutputStream.nullOutputStream()))) {
                    ranges.put(board, session.machine().bus().ranges().stream()
                            .filter(range -> !range.name().equals("ram")).toList());
                }
            }
        } finally {
            Files.delete(image);
        }
    }

    List<AddressRange> of(BoardKind board) {
        return ranges.get(board);
    }
}
