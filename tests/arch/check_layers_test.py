"""tools/check_layers on small trees: each rule one tree that breaks it and one that keeps it.

python3 -m unittest discover -s tests/arch -p '*_test.py'
"""
import importlib.machinery
import importlib.util
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TOOL = ROOT / "tools" / "check_layers"

sys.dont_write_bytecode = True
loader = importlib.machinery.SourceFileLoader("check_layers", str(TOOL))
check_layers = importlib.util.module_from_spec(importlib.util.spec_from_loader("check_layers", loader))
loader.exec_module(check_layers)

# A house in small: every sort of folder that the rules tell apart.
HOUSE = """
folder(0 platform/core LIBS fmt)
folder(2 platform/pg USES platform/core LIBS pqxx)
folder(2 platform/kafka USES platform/core LIBS rdkafka)
folder(2 platform/rpc USES platform/core LIBS grpc)
folder(2 platform/http USES platform/core LIBS beast)
folder(4 identity USES platform/core platform/pg LIBS sodium)
folder(5 plans USES platform/core platform/pg platform/rpc LIBS proto_plans)
folder(7 clusters USES platform/core platform/pg platform/kafka plans)
folder(8 streams USES platform/core platform/pg platform/kafka platform/rpc identity plans clusters
                 LIBS pqxx proto_streams)
folder(13 controlplane USES platform/core platform/rpc plans clusters streams)
folder(13 cli USES platform/core plans streams CONTRACTS streams)
contract(common)
contract(plans USES common)
contract(streams USES common)
"""


class Trees(unittest.TestCase):
    def findings(self, files, cmake=HOUSE):
        """What the tool says of a tree. `files`: path to the headers that it includes, in order."""
        with tempfile.TemporaryDirectory() as root:
            Path(root, "CMakeLists.txt").write_text(cmake, encoding="utf-8")
            for path, includes in files.items():
                file = Path(root, path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text("// a file\n" + "".join(
                    f"#include {name if name[0] in '<' else chr(34) + name + chr(34)}\n" for name in includes), encoding="utf-8")
            return [f"{f.file}:{f.line}: {f.text}" for f in check_layers.check(root)]

    def clean(self, files, cmake=HOUSE):
        self.assertEqual(self.findings(files, cmake), [])

    def found(self, files, *pieces, cmake=HOUSE):
        """Exactly one finding, with all the pieces in it."""
        findings = self.findings(files, cmake)
        self.assertEqual(len(findings), 1, findings)
        for piece in pieces:
            self.assertIn(piece, findings[0])


class Folders(Trees):
    def test_an_edge_in_uses_may_be_included(self):
        self.clean({"platform/pg/pool.cpp": ["platform/core/error.h"], "platform/core/error.h": ["<string>"]})

    def test_an_edge_that_is_not_in_uses_is_found_where_it_is_included(self):
        self.found({"identity/identity.h": ["<string>", "clusters/clusters.h"], "clusters/clusters.h": []},
                   "identity/identity.h:3: ", "identity does not use clusters", "further down")
        self.found({"identity/gate.cpp": ["platform/kafka/admin.h"], "platform/kafka/admin.h": []},
                   "identity/gate.cpp:2: ", "add it to USES")

    def test_uses_must_go_to_a_lower_rank(self):
        self.found({}, "CMakeLists.txt:2: ", "a (rank 2) USES b (rank 3)", cmake="folder(3 b)\nfolder(2 a USES b)\n")
        self.clean({}, cmake="folder(2 a)\nfolder(3 b USES a)\n")

    def test_folders_of_equal_rank_do_not_include_each_other(self):
        self.found({}, "CMakeLists.txt:2: ", "lower rank", cmake="folder(2 a)\nfolder(2 b USES a)\n")
        self.found({"platform/pg/pool.h": ["platform/kafka/admin.h"], "platform/kafka/admin.h": []},
                   "platform/pg/pool.h:2: ", "rank 2, not below 2")

    def test_uses_must_name_a_declared_folder(self):
        self.found({}, "CMakeLists.txt:1: ", "a USES nowhere", "declare it", cmake="folder(2 a USES nowhere)\n")

    def test_a_circle_of_folders_is_told_once_with_its_path(self):
        findings = self.findings({}, cmake="folder(1 a USES b)\nfolder(2 b USES c)\nfolder(3 c USES a)\n")
        circles = [line for line in findings if "circle" in line]
        self.assertEqual(len(circles), 1, findings)
        self.assertIn("CMakeLists.txt:1: folders in a circle (a -> b -> c -> a)", circles[0])

    def test_a_declaration_over_several_lines_and_a_comment_are_understood(self):
        self.clean({"b/x.h": ["a/y.h"], "a/y.h": []},
                   cmake="# folder(9 old USES gone)\nfolder(1 a)\nfolder(2 b  # the second\n  USES\n    a)\n")

    def test_a_folder_is_declared_once_and_with_a_rank(self):
        self.found({}, "CMakeLists.txt:2: ", "declared twice", cmake="folder(1 a)\nfolder(2 a)\n")
        self.found({}, "CMakeLists.txt:1: ", "a rank and a path", cmake="folder(a USES b)\n")

    def test_a_folder_with_sources_needs_a_line(self):
        self.found({"quotas/quotas.h": [], "quotas/quotas.cpp": []}, "quotas/quotas.cpp:1: ", "the folder quotas has sources")
        self.found({"platform/cache/cache.h": []}, "platform/cache/cache.h:1: ", "the folder platform/cache")

    def test_tests_benches_and_builds_need_no_line(self):
        self.clean({"tests/streams/x.cpp": ["<catch2/catch.hpp>"], "bench/cold/x.cpp": [], "build/dev/x.cpp": [],
                    ".deps/x/y.h": ["<boost/asio.hpp>"]})

    def test_a_sub_folder_of_the_platform_belongs_to_the_folder_above_it(self):
        self.clean({"platform/kafka/wire/codec.h": ["platform/core/error.h"], "platform/core/error.h": [],
                    "platform/kafka/rdkafka_admin.cpp": ["platform/kafka/wire/codec.h"]})
        self.found({"platform/kafka/wire/codec.h": ["platform/pg/tx.h"], "platform/pg/tx.h": []}, "does not use platform/pg")


class Files(Trees):
    def test_files_in_a_circle_are_told_once_with_the_path(self):
        self.found({"platform/core/a.h": ["platform/core/b.h"], "platform/core/b.h": ["<map>", "platform/core/a.h"]},
                   "platform/core/a.h:2: files in a circle (platform/core/a.h -> platform/core/b.h -> platform/core/a.h)")

    def test_a_diamond_of_files_is_no_circle(self):
        self.clean({"platform/core/top.h": ["platform/core/l.h", "platform/core/r.h"], "platform/core/l.h": ["platform/core/z.h"],
                    "platform/core/r.h": ["platform/core/z.h"], "platform/core/z.h": []})

    def test_rules_may_include_each_other_but_not_in_a_circle(self):
        self.clean({"streams/streams.h": ["streams/retention.h"], "streams/retention.h": []})
        self.found({"streams/streams.h": ["streams/retention.h"], "streams/retention.h": ["streams/streams.h"]}, "circle")

    def test_a_source_file_is_not_included(self):
        self.found({"platform/core/a.h": ["platform/core/b.cpp"], "platform/core/b.cpp": []}, "a.h:2: ", "include a header")

    def test_includes_are_written_from_the_root(self):
        self.found({"streams/streams.cpp": ["streams.h"], "streams/streams.h": []}, 'write "streams/streams.h"')


class Capabilities(Trees):
    NAMES = ["streams", "store", "kafka", "actions", "rpc", "worker"]

    def include(self, who, whom):
        return {f"streams/{who}.cpp": [f"streams/{whom}.h"], f"streams/{whom}.h": []}

    def test_each_file_may_use_what_the_table_of_the_architecture_says_and_nothing_else(self):
        allowed = {"streams": "streams", "store": "streams store", "kafka": "streams kafka",
                   "actions": "streams store kafka actions", "rpc": "streams actions rpc",
                   "worker": "streams store kafka actions worker"}
        for who in self.NAMES:
            for whom in self.NAMES:
                with self.subTest(f"{who} includes {whom}"):
                    if whom in allowed[who].split():
                        self.clean(self.include(who, whom))
                    else:
                        self.found(self.include(who, whom), f"streams/{who}.cpp:2: includes streams/{whom}.h", "may not use")

    def test_parts_of_one_file_may_include_each_other(self):
        self.clean({"streams/actions_apply.cpp": ["streams/actions.h"], "streams/actions.h": []})

    def test_a_noun_that_only_begins_like_a_file_of_the_shape_is_rules(self):
        self.found({"streams/restore.h": ["streams/store.h"], "streams/store.h": []}, "rules may not use store")

    def test_rules_have_no_sql_no_broker_and_no_wire(self):
        for below in ("pg/tx.h", "kafka/admin.h", "rpc/status.h"):
            with self.subTest(below):
                self.found({"streams/streams.h": [f"platform/{below}"], f"platform/{below}": []}, "a file of rules does without")

    def test_a_store_knows_no_broker_and_a_brokers_file_no_sql(self):
        self.found({"streams/store.h": ["platform/kafka/admin.h"], "platform/kafka/admin.h": []}, "a file of store does without")
        self.found({"streams/kafka.h": ["platform/pg/tx.h"], "platform/pg/tx.h": []}, "a file of kafka does without")
        self.clean({"streams/store.h": ["platform/pg/tx.h"], "platform/pg/tx.h": [],
                    "streams/kafka.h": ["platform/kafka/admin.h"], "platform/kafka/admin.h": []})

    def test_actions_know_no_wire_and_a_face_no_broker(self):
        self.found({"streams/actions.h": ["platform/rpc/call.h"], "platform/rpc/call.h": []}, "a file of actions does without")
        self.found({"streams/rpc.h": ["platform/kafka/admin.h"], "platform/kafka/admin.h": []}, "a file of rpc does without")
        self.clean({"streams/rpc.h": ["platform/rpc/call.h"], "platform/rpc/call.h": []})

    def test_a_lower_capability_is_used_by_the_same_table(self):
        self.clean({"streams/actions.h": ["clusters/actions.h", "clusters/store.h", "clusters/clusters.h"],
                    "clusters/actions.h": [], "clusters/store.h": [], "clusters/clusters.h": []})
        self.found({"streams/streams.h": ["clusters/store.h"], "clusters/store.h": []}, "rules may not use store")
        self.found({"streams/rpc.h": ["clusters/store.h"], "clusters/store.h": []}, "rpc may not use store")

    def test_a_face_goes_through_the_gate(self):
        self.clean({"streams/rpc.h": ["identity/gate.h"], "identity/gate.h": []})
        self.found({"streams/store.h": ["identity/gate.h"], "identity/gate.h": []}, "store may not use gate")

    def test_rows_are_an_interface_that_actions_fill(self):
        self.clean({"plans/rows.h": ["platform/pg/tx.h", "plans/plans.h"], "platform/pg/tx.h": [], "plans/plans.h": [],
                    "streams/actions.h": ["plans/rows.h"]})
        self.found({"plans/rows.h": ["plans/store.h"], "plans/store.h": []}, "rows may not use store")
        self.found({"streams/streams.h": ["plans/rows.h"], "plans/rows.h": []}, "rules may not use rows")

    def test_only_the_control_plane_includes_faces_and_workers_of_other_folders(self):
        for face in ("rpc", "rest", "worker"):
            with self.subTest(face):
                target = {f"clusters/{face}.h": []}
                self.found({"streams/worker.cpp": [f"clusters/{face}.h"], **target}, f"the {face} of another folder")
                self.clean({"controlplane/edad.cpp": [f"clusters/{face}.h"], **target})

    def test_the_command_includes_rules_only(self):
        self.clean({"cli/commands/streams.cpp": ["streams/streams.h", "plans/manifest.h", "plans/kind.h"],
                    "streams/streams.h": [], "plans/manifest.h": [], "plans/kind.h": []})
        for other in ("store", "actions", "kafka"):
            with self.subTest(other):
                self.found({"cli/app.cpp": [f"streams/{other}.h"], f"streams/{other}.h": []}, "cli may not use " + other)

    def test_a_sub_folder_of_rules_is_a_leaf(self):
        self.clean({"streams/streams.cpp": ["streams/keys/keys.h"], "streams/keys/keys.cpp": ["streams/keys/keys.h"],
                    "streams/keys/keys.h": ["plans/kind.h"], "plans/kind.h": []})
        self.found({"streams/keys/keys.h": ["streams/streams.h"], "streams/streams.h": []}, "sub-folder is a leaf")
        self.found({"streams/keys/keys.h": ["streams/other/o.h"], "streams/other/o.h": []}, "sub-folder is a leaf")
        self.found({"streams/keys/keys.h": ["platform/pg/tx.h"], "platform/pg/tx.h": []}, "rules does without platform/pg")


class ThirdParty(Trees):
    def test_each_library_is_included_in_its_adapter_and_nowhere_else(self):
        table = [
            ("<pqxx/pqxx>", "platform/pg/tx.h", "platform/core/error.h"),
            ("<pqxx/pqxx>", "streams/store.cpp", "streams/actions.cpp"),
            ("<librdkafka/rdkafka.h>", "platform/kafka/rdkafka_admin.cpp", "streams/kafka.cpp"),
            ("<boost/beast.hpp>", "platform/http/server.cpp", "platform/rpc/server.cpp"),
            ("<openssl/ssl.h>", "platform/http/tls.cpp", "identity/identity.cpp"),
            ("<spdlog/spdlog.h>", "platform/process/log.cpp", "streams/worker.cpp"),
            ("<prometheus/counter.h>", "platform/process/metrics.cpp", "controlplane/edad.cpp"),
            ("<libfyaml.h>", "plans/manifest.cpp", "plans/kind.cpp"),
            ("<utf8proc.h>", "platform/text/unicode.cpp", "platform/core/name.cpp"),
            ("<sodium.h>", "identity/token.cpp", "plans/store.cpp"),
            ("<graphviz/gvc.h>", "topology/draw.cpp", "topology/topology.cpp"),
            ("<nlohmann/json.hpp>", "platform/text/json.cpp", "platform/text/units.cpp"),
            ("<nlohmann/json.hpp>", "cli/render.cpp", "streams/streams.cpp"),
            ("<CLI/CLI.hpp>", "cli/app.cpp", "dev/world.cpp"),
            ("<grpcpp/grpcpp.h>", "streams/rpc.h", "streams/actions.h"),
            ("<google/protobuf/message.h>", "platform/http/json_gateway.cpp", "platform/http/server.cpp"),
            ("eda/streams/v1/streams.pb.h", "streams/rpc.cpp", "streams/streams.cpp"),
        ]
        cmake = HOUSE + "folder(1 platform/process)\nfolder(1 platform/text)\nfolder(9 topology)\nfolder(12 dev)\n"
        for header, adapter, elsewhere in table:
            with self.subTest(f"{header} in {adapter}"):
                self.clean({adapter: [header]}, cmake)
            with self.subTest(f"{header} in {elsewhere}"):
                self.found({elsewhere: [header]}, f"{elsewhere}:2: ", "stays in its adapter", cmake=cmake)

    def test_the_standard_and_the_system_are_free(self):
        self.clean({"platform/core/x.cpp": ["<vector>", "<unistd.h>", "<sys/stat.h>", "<netinet/in.h>", "<fmt/format.h>",
                                            "<tl/expected.hpp>"]})

    def test_a_library_without_a_row_is_found(self):
        self.found({"platform/core/x.cpp": ["<absl/strings/str_cat.h>"]}, "platform/core/x.cpp:2: ", "has no adapter")

    def test_a_contract_is_open_to_those_who_name_it_or_use_who_does(self):
        self.clean({"streams/rpc.cpp": ["eda/plans/v1/plans.grpc.pb.h", "eda/common/v1/common.pb.h"],
                    "cli/client.cpp": ["eda/streams/v1/streams.grpc.pb.h"]})
        self.found({"plans/rpc.cpp": ["eda/streams/v1/streams.pb.h"]}, "the contract streams, which plans does not name")


class Program(unittest.TestCase):
    def run_tool(self, *arguments):
        return subprocess.run([sys.executable, "-B", str(TOOL), *arguments], capture_output=True, text=True, check=False)

    def test_it_prints_findings_and_exits_1(self):
        with tempfile.TemporaryDirectory() as root:
            Path(root, "CMakeLists.txt").write_text("folder(2 a USES nowhere)\n", encoding="utf-8")
            ran = self.run_tool(root)
        self.assertEqual(ran.returncode, 1)
        self.assertRegex(ran.stdout, r"^CMakeLists\.txt:1: a USES nowhere")

    def test_this_repository_keeps_its_layers(self):
        ran = self.run_tool()
        self.assertEqual(ran.stdout[:ran.stdout.find(":")] if ran.returncode == 0 else ran.stdout, "check_layers")


if __name__ == "__main__":
    unittest.main()
