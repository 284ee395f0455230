package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.options.BoardOptions;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.Kernel;
import ferrite.kernel.mm.SlabView;
import ferrite.kernel.mm.ZoneLayout;
import ferrite.kernel.mm.Zones;
import ferrite.testkit.MachineRun;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * An independent parser reads {@code /proc}: Debian's unmodified prometheus-node-exporter, over a copy of it. It
 * exports the same figures as the machine's memory holds.
 */
@Timeout(120)
class NodeExporterTest {

    private static final String EXPORTER = "prometheus-node-exporter";

    @TempDir
    private Path directory;

    /** Returns the machine's numbers, by the exporter's names. */
    private static Map<String, Double> expected(MachineRun run) {
        Map<String, Double> values = new HashMap<>();
        Kernel kernel = run.board().kernel();
        ReadableMemory view = run.board().machine().peek(0);
        double free = 0;
        double total = 0;
        for (int zone = 0; zone < Zones.COUNT; zone++) {
            String name = Zones.name(zone);
            long record = kernel.mm().zones().record(zone);
            for (int order = 0; order < Zones.MAX_ORDER && kernel.mm().zones().spanned(view, zone) > 0; order++) {
                values.put("node_buddyinfo_blocks{node=\"0\",size=\"" + order + "\",zone=\"" + name + "\"}",
                        (double) kernel.mm().zones().freeBlocks(view, zone, order));
            }
            free += kernel.mm().zones().free(view, zone);
            total += kernel.mm().zones().managed(view, zone);
            String labels = "{node=\"0\",zone=\"" + name + "\"}";
            if (kernel.mm().zones().spanned(view, zone) > 0) {
                values.put("node_zoneinfo_nr_free_pages" + labels, (double) kernel.mm().zones().free(view, zone));
            }
            values.put("node_zoneinfo_min_pages" + labels, (double) ZoneLayout.WATERMARK_MIN.get(view, record));
            values.put("node_zoneinfo_low_pages" + labels, (double) ZoneLayout.WATERMARK_LOW.get(view, record));
            values.put("node_zoneinfo_high_pages" + labels, (double) ZoneLayout.WATERMARK_HIGH.get(view, record));
            values.put("node_zoneinfo_spanned_pages" + labels, (double) kernel.mm().zones().spanned(view, zone));
            values.put("node_zoneinfo_present_pages" + labels, (double) ZoneLayout.PRESENT.get(view, record));
            values.put("node_zoneinfo_managed_pages" + labels, (double) kernel.mm().zones().managed(view, zone));
        }
        values.put("node_memory_MemFree_bytes", free * 4096);
        values.put("node_memory_MemTotal_bytes", total * 4096);
        values.put("node_memory_HighTotal_bytes", kernel.mm().zones().managed(view, Zones.HIGHMEM) * 4096.0);
        values.put("node_memory_Slab_bytes", kernel.mm().caches().view().pages(view) * 4096.0);
        for (long cache : kernel.mm().caches().view().caches(view)) {
            SlabView.Usage usage = kernel.mm().caches().view().usage(view, cache);
            String labels = "{slab=\"" + usage.name() + "\"}";
            values.put("node_slabinfo_active_objects" + labels, (double) usage.active());
            values.put("node_slabinfo_objects" + labels, (double) usage.objects());
            values.put("node_slabinfo_object_size_bytes" + labels, (double) usage.size());
            values.put("node_slabinfo_objects_per_slab" + labels, (double) usage.objectsPerSlab());
            values.put("node_slabinfo_pages_per_slab" + labels, (double) usage.pagesPerSlab());
        }
        return values;
    }

    private static Map<String, Double> metrics(String text) {
        Map<String, Double> values = new HashMap<>();
        text.lines().filter(line -> !line.startsWith("#")).forEach(line ->
                values.put(line.substring(0, line.lastIndexOf(' ')),
                        Double.valueOf(line.substring(line.lastIndexOf(' ') + 1))));
        return values;
    }

    private String export(Path procfs) throws IOException, InterruptedException {
        Tools.need(EXPORTER);
        try (Program exporter = Program.start(directory, List.of(EXPORTER, "--path.procfs=" + procfs,
                "--collector.disable-defaults", "--collector.buddyinfo", "--collector.meminfo", "--collector.zoneinfo",
                "--collector.slabinfo", "--web.listen-address=127.0.0.1:0"))) {
            String address = exporter.awaitErrLine("msg=\"Listening on\" address=");
            return HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create("http://" + address + "/metrics"))
                    .build(), HttpResponse.BodyHandlers.ofString()).body();
        }
    }

    @Test
    void nodeExporterReadsWhatTheMachineSays() throws IOException, InterruptedException {
        for (BoardOptions options : List.of(new BoardOptions(), new BoardOptions().ram(64 << 20))) {
            try (MachineRun run = MachineRun.start(options)) {
                run.type("ls /proc");
                Path procfs = Files.createDirectories(directory.resolve("proc"));
                Map<String, Double> expected = expected(run);
                for (String name : List.of("buddyinfo", "meminfo", "zoneinfo", "slabinfo")) {
                    Files.writeString(procfs.resolve(name), run.board().kernel().files().proc().file(name)
                            .text(run.board().machine().peek(0)));
                }
                Map<String, Double> metrics = metrics(export(procfs));
                for (String collector : List.of("buddyinfo", "meminfo", "zoneinfo", "slabinfo")) {
                    assertThat(metrics)
                            .containsEntry("node_scrape_collector_success{collector=\"" + collector + "\"}", 1.0);
                }
                Map<String, Double> read = new TreeMap<>(metrics);
                read.keySet().retainAll(expected.keySet());
                assertThat(read).isEqualTo(new TreeMap<>(expected));
                assertThat(expected).hasSizeGreaterThan(150);
            }
        }
    }
}
