package ferrite.hardware.model;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The registers and windows of a device by their offsets. */
final class RegisterMap {

    private final List<Register> registers;
    private final List<DeviceMemory> windows;

    private record Range(String name, int start, int end) { }

    RegisterMap(DeviceBuilder declared) {
        registers = declared.registers().stream().filter(register -> !register.isHidden())
                .sorted(Comparator.comparingInt(Register::offset)).toList();
        windows = declared.memories().stream().filter(memory -> !memory.isHidden()).toList();
        requireApart(declared.bytes());
    }

    private void requireApart(int bytes) {
        List<Range> ranges = new ArrayList<>();
        registers.forEach(one -> ranges.add(new Range(one.toString(), one.offset(), one.end())));
        windows.forEach(one -> ranges.add(new Range(one.toString(), one.offset(), one.end())));
        ranges.sort(Comparator.comparingInt(Range::start));
        Range last = null;
        for (Range range : ranges) {
            if (last != null && range.start < last.end) {
                throw new ModelException(last.name + " and " + range.name + " overlap at offset 0x"
                        + Integer.toHexString(range.start));
            }
            if (range.end > bytes || range.end < range.start) {
                throw new ModelException(range.name + " ends past the device's 0x" + Integer.toHexString(bytes)
                        + " bytes of addresses; size(…) declares more");
            }
            last = range;
        }
    }

    /** Returns the registers by offset. */
    List<Register> registers() {
        return registers;
    }

    List<DeviceMemory> windows() {
        return windows;
    }

    /** Returns the register that has the byte at an offset, or null. */
    Register register(long offset) {
        int low = 0;
        int high = registers.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            Register register = registers.get(middle);
            if (offset < register.offset()) {
                high = middle - 1;
            } else if (offset >= register.end()) {
                low = middle + 1;
            } else {
                return register;
            }
        }
        return null;
    }

    /** Returns the window that has the byte at an offset, or null. */
    DeviceMemory window(long offset) {
        for (DeviceMemory window : windows) {
            if (offset >= window.offset() && offset < window.end()) {
                return window;
            }
        }
        return null;
    }
}
