package ferrite.board.options;

import ferrite.hardware.dma.DmaRegisters;
import ferrite.hardware.interrupt.Plic;
import ferrite.hardware.model.DeviceModel;
import ferrite.hardware.model.ModelDevice;
import ferrite.hardware.report.Hex;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;

/**
 * A device of a user's that is plugged into a machine: the jar or the object of its model, its place, and its
 * parameters. A part of the place that is {@link #ANY} is chosen by the board.
 *
 * @param jar        null if the model is given as an object
 * @param model      null if a jar has it; the object serves one machine
 * @param at         the first physical address
 * @param irq        the number of the first interrupt
 * @param dma        the DMA channel
 * @param parameters the values of the model's parameters, in the order in which they were given
 */
public record DevicePlug(Path jar, DeviceModel model, long at, int irq, int dma, Map<String, String> parameters) {

    /** Stands for a part of the place that the board chooses. */
    public static final int ANY = -1;

    private static final String PLACE = "FILE.jar[,at=0xf0100000][,irq=N][,dma=CHANNEL][,PARAM=VALUE...]";
    private static final int PAGE_BYTES = 4096;

    public DevicePlug {
        parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    }

    /**
     * Reads the option {@code --device}.
     *
     * @throws IllegalArgumentException with a sentence
     */
    static DevicePlug ofJar(String text) {
        int comma = text.indexOf(',');
        Path jar = MachineOptions.path(comma < 0 ? text : text.substring(0, comma));
        return of(jar, null, comma < 0 ? new String[0] : text.substring(comma + 1).split(",", -1));
    }

    /**
     * Describes a model that is an object.
     *
     * @param words its place and its parameters as in {@code --device}, after the file
     * @throws IllegalArgumentException with a sentence
     */
    static DevicePlug ofModel(DeviceModel model, String words) {
        return of(null, model, words.isEmpty() ? new String[0] : words.split(",", -1));
    }

    private static DevicePlug of(Path jar, DeviceModel model, String[] words) {
        Map<String, String> values = new LinkedHashMap<>();
        for (String word : words) {
            int equals = word.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException("'" + word + "' is no NAME=VALUE; " + PLACE + " is expected");
            }
            if (values.put(word.substring(0, equals), word.substring(equals + 1)) != null) {
                throw new IllegalArgumentException(word.substring(0, equals) + " is given twice");
            }
        }
        return new DevicePlug(jar, model, address(values.remove("at")), number(values.remove("irq"), "an interrupt", 1,
                Plic.SOURCES - 1), channel(values.remove("dma")), values);
    }

    private static long address(String text) {
        if (text == null) {
            return ANY;
        }
        long address = text.matches("0[xX][0-9a-fA-F]{1,8}") ? Long.parseLong(text.substring(2), 16) : ANY;
        if (address < 0 || address % PAGE_BYTES != 0) {
            throw new IllegalArgumentException("at=" + text + ": a multiple of 0x1000 below 4 GiB is expected, in "
                    + "hexadecimal, for example at=0xf0100000");
        }
        return address;
    }

    private static int channel(String text) {
        int channel = number(text, "a DMA channel", 0, DmaRegisters.CHANNELS - 1);
        if (channel == DmaRegisters.CASCADE) {
            throw new IllegalArgumentException("dma=4: channel 4 carries the first controller");
        }
        return channel;
    }

    private static int number(String text, String what, int min, int max) {
        if (text == null) {
            return ANY;
        }
        int number = text.matches("[0-9]{1,4}") ? Integer.parseInt(text) : ANY;
        if (number < min || number > max) {
            throw new IllegalArgumentException("'" + text + "' is no number of " + what + "; " + min + " to " + max
                    + " would be right");
        }
        return number;
    }

    /** Returns the device as the option {@code --device} has it, or the class of the object. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(jar == null ? ModelDevice.nameOf(model) : jar.toString());
        if (at != ANY) {
            text.append(",at=").append(Hex.address(at));
        }
        if (irq != ANY) {
            text.append(",irq=").append(irq);
        }
        if (dma != ANY) {
            text.append(",dma=").append(dma);
        }
        return text.append(parametersInOrder()).toString();
    }

    /** Returns the parameters by their names, each after a comma. */
    public String parametersInOrder() {
        StringBuilder text = new StringBuilder();
        new TreeSet<>(parameters.keySet()).forEach(name ->
                text.append(',').append(name).append('=').append(parameters.get(name)));
        return text.toString();
    }
}
