package ferrite.board.plug;

import ferrite.board.options.BoardOptions;
import ferrite.board.options.DevicePlug;
import ferrite.hardware.devicetree.DeviceTreeNode;
import ferrite.hardware.model.ModelDevice;
import ferrite.hardware.model.ModelException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** The devices that users plug into one machine ({@code --device}), with their places. */
public final class PluggedDevices implements AutoCloseable {

    /** Kinds of the boards' own devices. A device of that name that is plugged in has no number 0. */
    private static final List<String> KINDS = List.of("console", "copier", "disk", "dma", "uart", "virtio");

    private final List<DevicePlug> plugs;
    private final List<ModelDevice> devices = new ArrayList<>();
    private final List<String> names = new ArrayList<>();
    private final List<ModelJar> jars = new ArrayList<>();
    private final List<PluggedDevice> placed = new ArrayList<>();

    private PluggedDevices(List<DevicePlug> plugs) {
        this.plugs = plugs;
    }

    /**
     * Loads the models of a machine, and finds places for their devices.
     *
     * @param builtIn the device tree of the board's own devices
     * @throws JarCode.Unusable with a sentence, if a jar or its model is unusable
     * @throws IllegalArgumentException with a sentence, if a place or a parameter is wrong
     */
    public static PluggedDevices load(BoardOptions options, Supplier<DeviceTreeNode> builtIn) throws JarCode.Unusable {
        PluggedDevices plugged = new PluggedDevices(options.devices());
        try {
            if (!plugged.plugs.isEmpty()) {
                plugged.build();
                plugged.place(new Places(options.kind(), builtIn.get()));
            }
            return plugged;
        } catch (JarCode.Unusable | RuntimeException | Error e) {
            plugged.close();
            throw e;
        }
    }

    private void build() throws JarCode.Unusable {
        Map<String, Integer> numbers = new TreeMap<>();
        KINDS.forEach(kind -> numbers.put(kind, 1));
        for (DevicePlug plug : plugs) {
            ModelDevice device = build(plug);
            devices.add(device);
            names.add(device.kind() + (numbers.merge(device.kind(), 1, Integer::sum) - 1));
        }
    }

    private ModelDevice build(DevicePlug plug) throws JarCode.Unusable {
        try {
            return ModelDevice.build(plug.model() != null ? plug.model() : open(plug).model(), plug.parameters());
        } catch (ModelException wrong) {
            throw new JarCode.Unusable("--device " + plug + ": the model is wrong: " + wrong.getMessage());
        } catch (JarCode.Unusable unusable) {
            throw new JarCode.Unusable("--device " + plug.jar() + ": " + unusable.getMessage());
        } catch (IllegalArgumentException refused) {
            throw refused(plug, refused);
        }
    }

    private ModelJar open(DevicePlug plug) throws JarCode.Unusable {
        ModelJar jar = ModelJar.open(plug.jar());
        jars.add(jar);
        return jar;
    }

    private static IllegalArgumentException refused(DevicePlug plug, IllegalArgumentException why) {
        return new IllegalArgumentException("--device " + plug + ": " + why.getMessage(), why);
    }

    // ---- places ----

    private void place(Places places) {
        long[] addresses = new long[devices.size()];
        int[] channels = new int[devices.size()];
        List<List<Integer>> interrupts = new ArrayList<>();
        forEach((i, plug) -> {
            interrupts.add(new ArrayList<>());
            if (plug.at() != DevicePlug.ANY) {
                addresses[i] = places.takeAddress(names.get(i), plug.at(), devices.get(i).bytes());
            }
            if (plug.irq() != DevicePlug.ANY) {
                requireInterrupt(i, plug);
                interrupts.get(i).add(places.takeInterrupt(names.get(i), plug.irq()));
            }
            if (plug.dma() != DevicePlug.ANY) {
                channels[i] = places.takeChannel(names.get(i), devices.get(i).dmaWidth(), plug.dma());
            }
        });
        forEach((i, plug) -> {
            if (plug.at() == DevicePlug.ANY) {
                addresses[i] = places.chooseAddress(names.get(i), devices.get(i).bytes());
            }
            while (interrupts.get(i).size() < devices.get(i).interrupts()) {
                interrupts.get(i).add(places.chooseInterrupt(names.get(i)));
            }
            if (plug.dma() == DevicePlug.ANY) {
                channels[i] = places.takeChannel(names.get(i), devices.get(i).dmaWidth(), DevicePlug.ANY);
            }
            placed.add(new PluggedDevice(devices.get(i), names.get(i), addresses[i], List.copyOf(interrupts.get(i)),
                    channels[i], plug.parametersInOrder()));
        });
    }

    private void requireInterrupt(int index, DevicePlug plug) {
        if (devices.get(index).interrupts() == 0) {
            throw new IllegalArgumentException("irq=" + plug.irq() + ": the device has no interrupt");
        }
    }

    private interface Step {
        void take(int index, DevicePlug plug);
    }

    private void forEach(Step step) {
        for (int i = 0; i < plugs.size(); i++) {
            try {
                step.take(i, plugs.get(i));
            } catch (IllegalArgumentException conflict) {
                throw refused(plugs.get(i), conflict);
            }
        }
    }

    // ---- for the board ----

    /** Returns the devices in the order in which they were given. */
    public List<PluggedDevice> all() {
        return List.copyOf(placed);
    }

    /** Returns the name of the device with this interrupt, or null. */
    public String interruptName(int number) {
        return placed.stream().filter(device -> device.interrupts().contains(number)).map(PluggedDevice::name)
                .findFirst().orElse(null);
    }

    /** Describes the devices for a snapshot. */
    public List<String> descriptions() {
        return placed.stream().map(PluggedDevice::description).toList();
    }

    /** Closes the jars. */
    @Override
    public void close() {
        for (ModelJar jar : jars) {
            try {
                jar.close();
            } catch (IOException e) {
                // the jar was only read: nothing is lost
            }
        }
    }
}
